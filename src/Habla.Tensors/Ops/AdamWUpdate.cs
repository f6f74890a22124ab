using System.Runtime.CompilerServices;
using System.Runtime.Intrinsics;
using Habla.Tensors.Kernels;
using Habla.Tensors.Threading;

namespace Habla.Tensors.Ops;

/// <summary>The numbers of one AdamW step that are the same for all parameters.</summary>
/// <param name="LearningRate">η of this step.</param>
/// <param name="Beta1">Decay of the first moment, in [0, 1).</param>
/// <param name="Beta2">Decay of the second moment, in [0, 1).</param>
/// <param name="Epsilon">Added to the root of the second moment; above 0.</param>
/// <param name="WeightDecay">λ, applied to weights, not to biases and gains.</param>
/// <param name="Step">Which update this is, from 1; the bias corrections are 1 − βᵗ.</param>
/// <param name="GradientScale">What every gradient is multiplied by first: the clipping factor; 1 for none.</param>
public readonly record struct AdamWStep(
    double LearningRate, double Beta1, double Beta2, double Epsilon, double WeightDecay, int Step, double GradientScale);

/// <summary>What one parameter has in place of the step's numbers.</summary>
/// <param name="LearningRateScale">What the step's learning rate is multiplied by; 1 for the rate itself.</param>
/// <param name="WeightDecay">λ of this parameter, applied to weights, not to biases and gains.</param>
public readonly record struct AdamWRates(double LearningRateScale, double WeightDecay);

/// <summary>
/// AdamW with decoupled weight decay, in one pass over parameters, gradients and moments:
/// m ← β₁m + (1 − β₁)g, v ← β₂v + (1 − β₂)g², p ← p − ηλp − η·(m/(1 − β₁ᵗ)) / (√(v/(1 − β₂ᵗ)) + ε).
/// </summary>
/// <remarks>
/// The clipping factor is multiplied in on the way, so clipping takes no pass of its own and writes no gradient.
/// Loshchilov and Hutter, "Decoupled weight decay regularization", ICLR 2019.
/// </remarks>
public static unsafe class AdamWUpdate
{
    private const int ChunkSize = 1 << 12;

    /// <summary>Updates every parameter and its moments.</summary>
    /// <param name="parameters">The parameters, changed in place.</param>
    /// <param name="gradients">Their gradients, before clipping.</param>
    /// <param name="firstMoments">m, changed in place.</param>
    /// <param name="secondMoments">v, changed in place.</param>
    /// <param name="step">The numbers of this step.</param>
    /// <param name="pool">The threads to share the work with.</param>
    /// <param name="rates">The rates of each parameter by its index; null (the default) for those of the step.</param>
    /// <exception cref="ArgumentException">
    /// A buffer has another layout than the parameters, or there is not one rate a parameter.
    /// </exception>
    /// <exception cref="ArgumentOutOfRangeException">The step's number is below 1.</exception>
    public static void Apply(
        ParameterSet parameters, ParameterBuffer gradients, ParameterBuffer firstMoments, ParameterBuffer secondMoments,
        in AdamWStep step, WorkerPool pool, AdamWRates[]? rates = null)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(gradients);
        ArgumentNullException.ThrowIfNull(firstMoments);
        ArgumentNullException.ThrowIfNull(secondMoments);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfLessThan(step.Step, 1, nameof(step));
        gradients.RequireLayout(parameters, nameof(gradients));
        firstMoments.RequireLayout(parameters, nameof(firstMoments));
        secondMoments.RequireLayout(parameters, nameof(secondMoments));
        if (rates is not null && rates.Length != parameters.Parameters.Count)
        {
            throw new ArgumentException($"{rates.Length} rates for {parameters.Parameters.Count} parameters", nameof(rates));
        }

        double correction1 = 1 - Power(step.Beta1, step.Step), correction2 = 1 - Power(step.Beta2, step.Step);
        pool.ForRows(
            (int)((parameters.Count + ChunkSize - 1) / ChunkSize), 4 * ChunkSize,
            new Chunks
            {
                Parameters = parameters,
                P = parameters.Pointer,
                G = gradients.Pointer,
                M = firstMoments.Pointer,
                V = secondMoments.Pointer,
                GradientScale = (float)step.GradientScale,
                Beta1 = (float)step.Beta1,
                OneMinusBeta1 = (float)(1 - step.Beta1),
                Beta2 = (float)step.Beta2,
                OneMinusBeta2 = (float)(1 - step.Beta2),
                RootCorrection = (float)(1 / Math.Sqrt(correction2)),
                Epsilon = (float)step.Epsilon,
                Rates = rates,
                LearningRate = step.LearningRate,
                WeightDecay = step.WeightDecay,
                Correction1 = correction1,
            });

        // Their memory is used by address alone; without this their finalizers could free it meanwhile.
        GC.KeepAlive(parameters);
        GC.KeepAlive(gradients);
        GC.KeepAlive(firstMoments);
        GC.KeepAlive(secondMoments);
    }

    /// <summary>βᵗ by repeated squaring: the same on every machine, unlike the C library's pow.</summary>
    private static double Power(double value, int exponent)
    {
        double result = 1;
        for (; exponent > 0; exponent >>= 1, value *= value)
        {
            if ((exponent & 1) == 1)
            {
                result *= value;
            }
        }

        return result;
    }

    /// <summary>Stretches of the flat buffers; one may hold the end of a parameter and the beginning of the next.</summary>
    private struct Chunks : IRowWork
    {
        public ParameterSet Parameters;
        public float* P, G, M, V;
        public float GradientScale, Beta1, OneMinusBeta1, Beta2, OneMinusBeta2, RootCorrection, Epsilon;
        public AdamWRates[]? Rates;
        public double LearningRate, WeightDecay, Correction1;

        public readonly void Run(int from, int to)
        {
            long at = (long)from * ChunkSize, end = Math.Min((long)to * ChunkSize, Parameters.Count);
            for (int i = Parameters.IndexAt(at); at < end; i++)
            {
                Parameter parameter = Parameters.Parameters[i];
                long stop = Math.Min(parameter.Offset + parameter.Shape.Count, end);
                AdamWRates rates = Rates is null ? new AdamWRates(1, WeightDecay) : Rates[i];
                double rate = LearningRate * rates.LearningRateScale; // times 1 changes no bit
                float keep = parameter.Kind == ParameterKind.Weight ? (float)(1 - (rate * rates.WeightDecay)) : 1f;
                Update(at, stop, keep, (float)(rate / Correction1));
                at = stop;
            }
        }

        private readonly void Update(long from, long to, float keep, float stepSize)
        {
            for (long i = from; i < to; i += Lanes.Count)
            {
                int width = (int)Math.Min(Lanes.Count, to - i);
                Vector512<float> m = Lanes.Load(M + i, width), v = Lanes.Load(V + i, width);
                Vector512<float> p = Update(Lanes.Load(P + i, width), Lanes.Load(G + i, width), ref m, ref v, keep, stepSize);
                Lanes.Store(m, M + i, width);
                Lanes.Store(v, V + i, width);
                Lanes.Store(p, P + i, width);
            }
        }

        [MethodImpl(MethodImplOptions.AggressiveInlining)]
        private readonly Vector512<float> Update(
            Vector512<float> p, Vector512<float> g, ref Vector512<float> m, ref Vector512<float> v, float keep, float stepSize)
        {
            g *= Vector512.Create(GradientScale);
            m = Vector512.FusedMultiplyAdd(m, Vector512.Create(Beta1), g * Vector512.Create(OneMinusBeta1));
            v = Vector512.FusedMultiplyAdd(v, Vector512.Create(Beta2), g * g * Vector512.Create(OneMinusBeta2));
            Vector512<float> root = Vector512.FusedMultiplyAdd(
                Vector512.Sqrt(v), Vector512.Create(RootCorrection), Vector512.Create(Epsilon));
            return (p * Vector512.Create(keep)) - (Vector512.Create(stepSize) * m / root);
        }
    }
}
