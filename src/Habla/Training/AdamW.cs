using Habla.Tensors;
using Habla.Tensors.Ops;
using Habla.Tensors.Threading;

namespace Habla.Training;

/// <summary>The AdamW optimizer: its settings, its two moments per parameter, and how many updates it has made.</summary>
/// <remarks>Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.</remarks>
/// <param name="parameters">The parameters to update.</param>
/// <param name="options">β₁, β₂, ε, the weight decay λ and the groups that have rates of their own.</param>
/// <exception cref="InvalidInputException">A group has no parameter.</exception>
public sealed class AdamW(ParameterSet parameters, OptimizerOptions options) : IDisposable
{
    private readonly AdamWRates[]? _rates = ResolvedGroup.RatesOf(parameters, options);

    /// <summary>The groups of parameters with rates of their own, with the parameters of each; usually none.</summary>
    public IReadOnlyList<ResolvedGroup> Groups { get; } = ResolvedGroup.Resolve(parameters, options);

    /// <summary>m: the running mean of each gradient.</summary>
    public ParameterBuffer FirstMoments { get; } = parameters.CreateBuffer();

    /// <summary>v: the running mean of each gradient's square.</summary>
    public ParameterBuffer SecondMoments { get; } = parameters.CreateBuffer();

    /// <summary>Updates made so far; the bias corrections depend on it.</summary>
    public int UpdateCount { get; set; }

    /// <summary>Makes one update of every parameter.</summary>
    /// <param name="gradients">The gradients, before clipping.</param>
    /// <param name="learningRate">η of this step.</param>
    /// <param name="gradientScale">The clipping factor, 1 for none.</param>
    /// <param name="pool">The threads to share the work with.</param>
    public void Update(ParameterBuffer gradients, double learningRate, double gradientScale, WorkerPool pool)
    {
        UpdateCount++;
        var step = new AdamWStep(
            learningRate, options.Beta1, options.Beta2, options.Epsilon, options.WeightDecay, UpdateCount, gradientScale);
        AdamWUpdate.Apply(parameters, gradients, FirstMoments, SecondMoments, step, pool, _rates);
    }

    /// <inheritdoc/>
    public void Dispose()
    {
        FirstMoments.Dispose();
        SecondMoments.Dispose();
    }
}
