namespace Habla.Interchange;

/// <summary>A tensor of another program's file, and the parameters here that it is made of.</summary>
/// <param name="Name">Its name there.</param>
/// <param name="Parameters">The names here; of several, the rows of one stand below those of the other.</param>
/// <param name="Layout">How its numbers lie there. Default as here.</param>
/// <param name="HeadSize">D, for <see cref="TensorLayout.PairedRows"/>; else 0.</param>
public sealed record ForeignTensor(
    string Name, IReadOnlyList<string> Parameters, TensorLayout Layout = TensorLayout.OutputRows, int HeadSize = 0)
{
    private static readonly string[] _kinds = ["weight", "bias"];

    /// <summary>A tensor that is one parameter here.</summary>
    /// <param name="name">Its name there.</param>
    /// <param name="parameter">The name here.</param>
    /// <param name="layout">How its numbers lie there.</param>
    /// <param name="headSize">D, for <see cref="TensorLayout.PairedRows"/>.</param>
    public static ForeignTensor Of(string name, string parameter, TensorLayout layout = TensorLayout.OutputRows, int headSize = 0) =>
        new(name, [parameter], layout, headSize);

    /// <summary>The weight and then the bias of a layer.</summary>
    /// <param name="name">The layer's name there.</param>
    /// <param name="layers">The layers' names here.</param>
    /// <param name="layout">How the weight's numbers lie there.</param>
    /// <param name="headSize">D, for <see cref="TensorLayout.PairedRows"/>.</param>
    public static IEnumerable<ForeignTensor> WeightAndBias(
        string name, IReadOnlyList<string> layers, TensorLayout layout = TensorLayout.OutputRows, int headSize = 0) =>
        Linear(name, layers, bias: true, layout, headSize);

    /// <summary>The weight of a layer, and its bias where it has one.</summary>
    /// <param name="name">The layer's name there.</param>
    /// <param name="layers">The layers' names here.</param>
    /// <param name="bias">Whether it has a bias.</param>
    /// <param name="layout">How the weight's numbers lie there.</param>
    /// <param name="headSize">D, for <see cref="TensorLayout.PairedRows"/>.</param>
    public static IEnumerable<ForeignTensor> Linear(
        string name, IReadOnlyList<string> layers, bool bias, TensorLayout layout = TensorLayout.OutputRows, int headSize = 0) =>
        _kinds.Take(bias ? 2 : 1).Select(kind => new ForeignTensor($"{name}.{kind}", [.. layers.Select(layer => $"{layer}.{kind}")], layout, headSize));
}
