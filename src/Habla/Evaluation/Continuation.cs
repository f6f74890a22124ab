namespace Habla.Evaluation;

/// <summary>A text that may follow another, as token ids.</summary>
/// <param name="Prompt">What comes before; at least one token. It is read and not scored.</param>
/// <param name="Ids">What follows; at least one token, and with the prompt at most one more than the model's context.</param>
public sealed record Continuation(IReadOnlyList<int> Prompt, IReadOnlyList<int> Ids);
