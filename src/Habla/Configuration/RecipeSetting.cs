namespace Habla.Configuration;

/// <summary>A key and its value as they were written, and where.</summary>
/// <param name="Key">The key.</param>
/// <param name="Value">The value's text.</param>
/// <param name="Origin">
/// Where it was written, as the start of a message: <c>configs/verbs.yaml:12</c> or <c>--set model.n_layer=3</c>.
/// </param>
internal sealed record RecipeSetting(ConfigurationKey Key, OptionText Value, string Origin);
