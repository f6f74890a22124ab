using Habla.Modeling;
using Habla.Tensors.Measuring;
using Habla.Training;

namespace Habla.Benchmarks;

/// <summary>The size of a matrix product, and where it comes from.</summary>
/// <param name="Form">Which operand is stored transposed.</param>
/// <param name="M">Rows of C.</param>
/// <param name="N">Columns of C.</param>
/// <param name="K">Products that each element of C sums.</param>
/// <param name="Source">The preset whose step has it, or "square".</param>
public sealed record ProductShape(ProductForm Form, int M, int N, int K, string Source)
{
    private static readonly int[] s_squares = [256, 512, 1024];

    /// <summary>
    /// The shapes of a linear map from <paramref name="inputs"/> to <paramref name="outputs"/>: forward and both ways back.
    /// </summary>
    private static IEnumerable<ProductShape> OfLinear(int rows, int inputs, int outputs, string source) =>
    [
        new(ProductForm.NT, rows, outputs, inputs, source),
        new(ProductForm.NN, rows, inputs, outputs, source),
        new(ProductForm.TN, outputs, inputs, rows, source),
    ];

    /// <summary>All products of the presets' steps, and squares; each once.</summary>
    public static IReadOnlyList<ProductShape> All() => Distinct(
        s_squares.SelectMany(size => Enum.GetValues<ProductForm>().Select(form => new ProductShape(form, size, size, size, "square")))
            .Concat(BenchmarkPreset.All.SelectMany(OfPreset)));

    /// <summary>The products of some presets' steps; each once, under the first preset that has it.</summary>
    /// <param name="presets">The presets.</param>
    public static IReadOnlyList<ProductShape> Of(IEnumerable<BenchmarkPreset> presets) => Distinct(presets.SelectMany(OfPreset));

    private static IReadOnlyList<ProductShape> Distinct(IEnumerable<ProductShape> shapes) =>
        [.. shapes.DistinctBy(shape => (shape.Form, shape.M, shape.N, shape.K))];

    private static IEnumerable<ProductShape> OfPreset(BenchmarkPreset preset)
    {
        GptConfig model = preset.Model;
        int microBatches = new TrainingOptions { BatchSize = preset.BatchSize }.MicroBatchCount;
        var plan = BatchPlan.For(model.ParameterCount, microBatches, preset.TokensPerStep, threads: 2);
        int rows = preset.TokensPerStep / microBatches * plan.MicroBatchesPerPass;
        int queryKeyValue = model.Width + (2 * model.KeyValueHeads * model.HeadSize);
        int hidden = model.Activation == ActivationKind.Swiglu ? 2 * model.FeedForwardWidth : model.FeedForwardWidth;
        (int Inputs, int Outputs)[] maps =
        [
            (model.Width, queryKeyValue), (model.Width, model.Width), (model.Width, hidden),
            (model.FeedForwardWidth, model.Width), (model.Width, model.VocabularySize),
        ];
        return maps.SelectMany(map => OfLinear(rows, map.Inputs, map.Outputs, preset.Name));
    }
}
