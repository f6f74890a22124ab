using Habla.Modeling;

namespace Habla.Evaluation;

/// <summary>
/// A GPT's forward pass in plain float64 loops: slow, meant to be read from top to bottom, and the yardstick for the fast
/// engine. It shares no code with the engine, so when the two agree both are probably right.
/// </summary>
/// <remarks>
/// A sequence is an array of rows, one row of <c>C</c> numbers per token; sequences of a batch are run one after the other.
/// exp, sin and cos are the platform's, so the last digit may differ between machines.
/// </remarks>
public sealed class ReferenceForward
{
    private readonly GptConfig _config;
    private readonly IReadOnlyDictionary<string, double[]> _weights;

    /// <summary>Takes a model apart into its shape and its numbers.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="weights">
    /// The numbers by parameter name, row-major; a matrix is <c>[out, in]</c>. <see cref="ReferenceParameters.ShapesOf"/> lists what must
    /// be there.
    /// </param>
    /// <exception cref="ArgumentException">A parameter is missing or has another size; the message names it.</exception>
    public ReferenceForward(GptConfig config, IReadOnlyDictionary<string, double[]> weights)
    {
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(weights);
        config.Validate();
        foreach ((string name, int[] shape) in ReferenceParameters.ShapesOf(config))
        {
            long size = shape.Aggregate(1L, (product, dimension) => product * dimension);
            if (!weights.TryGetValue(name, out double[]? values) || values.Length != size)
            {
                string found = values is null ? "nothing" : $"{values.Length} numbers";
                throw new ArgumentException($"parameter {name}: expected [{string.Join(", ", shape)}], found {found}", nameof(weights));
            }
        }

        _config = config;
        _weights = weights;
    }

    /// <summary>Takes float32 weights, each widened once.</summary>
    /// <param name="config">The model's shape.</param>
    /// <param name="weights">Gives a parameter's numbers for its name.</param>
    /// <exception cref="ArgumentException">A parameter has another size than the shape asks for.</exception>
    public ReferenceForward(GptConfig config, Func<string, ReadOnlySpan<float>> weights)
        : this(config, ReferenceParameters.Widen(config, weights))
    {
    }

    /// <summary>The logits of a batch, without dropout: <c>[B, T, V]</c>, row-major.</summary>
    /// <param name="ids">Token ids, <c>[B, T]</c>.</param>
    /// <param name="visible">Where a token may be looked at (false at padding), <c>[B, T]</c>; empty when all may.</param>
    /// <param name="batchSize">Sequences, <c>B</c>.</param>
    /// <param name="firstKeys">The first position of its row that each token may look at, <c>[B, T]</c>; empty for the start.</param>
    /// <exception cref="ArgumentException">
    /// The sizes do not fit, a sequence is longer than the context, or an id is not a token.
    /// </exception>
    public double[] Logits(ReadOnlySpan<int> ids, ReadOnlySpan<bool> visible, int batchSize, ReadOnlySpan<int> firstKeys = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(batchSize);
        int T = ids.Length / batchSize;
        if (T * batchSize != ids.Length || (visible.Length != ids.Length && !visible.IsEmpty)
            || (firstKeys.Length != ids.Length && !firstKeys.IsEmpty))
        {
            throw new ArgumentException(
                $"{batchSize} sequences, {ids.Length} ids, {visible.Length} flags and {firstKeys.Length} first keys do not make [B, T]",
                nameof(ids));
        }

        if (T > _config.ContextLength)
        {
            throw new ArgumentException($"sequences of {T} tokens; the model takes at most {_config.ContextLength}", nameof(ids));
        }

        var logits = new List<double>(ids.Length * _config.VocabularySize);
        for (int b = 0; b < batchSize; b++)
        {
            bool[] keys = visible.IsEmpty ? [.. Enumerable.Repeat(true, T)] : visible.Slice(b * T, T).ToArray();
            int[] from = firstKeys.IsEmpty ? new int[T] : firstKeys.Slice(b * T, T).ToArray();
            foreach (double[] row in Forward(ids.Slice(b * T, T), (query, key) => keys[key] && key >= from[query]))
            {
                logits.AddRange(row);
            }
        }

        return [.. logits];
    }

    /// <summary>Mean cross-entropy in nats: −ln of the probability given to each target that counts.</summary>
    /// <param name="logits">What <see cref="Logits"/> returns, <c>[B, T, V]</c>.</param>
    /// <param name="targets">The right token ids, <c>[B, T]</c>.</param>
    /// <param name="counts">Which targets count, <c>[B, T]</c>; empty when all do. With none the loss is 0.</param>
    /// <exception cref="ArgumentException">The sizes do not fit, or a target that counts is not a token.</exception>
    public static double Loss(ReadOnlySpan<double> logits, ReadOnlySpan<int> targets, ReadOnlySpan<bool> counts)
    {
        int V = targets.IsEmpty ? 0 : logits.Length / targets.Length;
        if (V * targets.Length != logits.Length || (counts.Length != targets.Length && !counts.IsEmpty))
        {
            throw new ArgumentException(
                $"{logits.Length} logits, {targets.Length} targets and {counts.Length} flags do not fit", nameof(logits));
        }

        double sum = 0;
        int counted = 0;
        for (int t = 0; t < targets.Length; t++)
        {
            if (!counts.IsEmpty && !counts[t])
            {
                continue;
            }

            if ((uint)targets[t] >= (uint)V)
            {
                throw new ArgumentException($"target {targets[t]} at position {t} is not one of {V} tokens", nameof(targets));
            }

            Softmax(logits.Slice(t * V, V), out double logOfSum);
            sum += logOfSum - logits[(t * V) + targets[t]];
            counted++;
        }

        return counted == 0 ? 0 : sum / counted;
    }

    // The model, from ids to logits. Everything below is [T, ...]: one sequence.

    private double[][] Forward(ReadOnlySpan<int> ids, Func<int, int, bool> sees)
    {
        double[][] x = Embed(ids);
        for (int layer = 0; layer < _config.LayerCount; layer++)
        {
            string block = $"blocks.{layer}.";
            x = Add(x, Attention(block + "attention", Norm(block + "attention_norm", x), sees));
            x = Add(x, FeedForward(block + "feed_forward", Norm(block + "feed_forward_norm", x)));
        }

        x = Norm("final_norm", x);
        return Linear(_config.TieEmbeddings ? "token_embedding" : "head", x); // [T, V]
    }

    /// <summary>Each id becomes its row of the table; learned positions add theirs.</summary>
    private double[][] Embed(ReadOnlySpan<int> ids)
    {
        double[][] x = new double[ids.Length][];
        for (int t = 0; t < ids.Length; t++)
        {
            if ((uint)ids[t] >= (uint)_config.VocabularySize)
            {
                throw new ArgumentException($"id {ids[t]} at position {t} is not one of {_config.VocabularySize} tokens", nameof(ids));
            }

            x[t] = Row("token_embedding.weight", ids[t]);
            if (_config.Position == PositionKind.Learned)
            {
                x[t] = Add(x[t], Row("position_embedding.weight", t));
            }
        }

        return x;
    }

    private double[] Row(string table, int index) => _weights[table].AsSpan(index * _config.Width, _config.Width).ToArray();

    /// <summary>LayerNorm: each row to mean 0 and variance 1, then stretched and shifted.</summary>
    private double[][] Norm(string name, double[][] x)
    {
        double[] weight = _weights[name + ".weight"];
        if (_config.Norm == NormKind.Rmsnorm)
        {
            return RmsNorm(weight, x);
        }

        double[] bias = _weights[name + ".bias"];
        return [.. x.Select(row =>
        {
            double mean = row.Average();
            double variance = row.Average(value => (value - mean) * (value - mean));
            double scale = 1 / Math.Sqrt(variance + _config.NormEpsilon);
            return row.Select((value, c) => ((value - mean) * scale * weight[c]) + bias[c]).ToArray();
        })];
    }

    /// <summary>RMSNorm: each row to mean square 1, then stretched.</summary>
    private double[][] RmsNorm(double[] weight, double[][] x) => [.. x.Select(row =>
    {
        double scale = 1 / Math.Sqrt(row.Average(value => value * value) + _config.NormEpsilon);
        return row.Select((value, c) => value * scale * weight[c]).ToArray();
    })];

    /// <summary>y = x Wᵀ + b, with W of shape [out, in].</summary>
    private double[][] Linear(string name, double[][] x)
    {
        double[] weight = _weights[name + ".weight"];
        double[]? bias = _weights.GetValueOrDefault(name + ".bias");
        return [.. x.Select(row =>
        {
            double[] y = new double[weight.Length / row.Length];
            for (int o = 0; o < y.Length; o++)
            {
                y[o] = bias?[o] ?? 0;
                for (int i = 0; i < row.Length; i++) { y[o] += row[i] * weight[(o * row.Length) + i]; } }

            return y;
        })];
    }

    /// <summary>Each token gathers values from itself and the tokens before it, weighted by how well its query meets their keys.</summary>
    private double[][] Attention(string name, double[][] x, Func<int, int, bool> sees)
    {
        double[][] queries = Linear(name + ".query", x), keys = Linear(name + ".key", x), values = Linear(name + ".value", x);
        double[][] gathered = [.. x.Select(_ => new double[_config.Width])];
        int D = _config.HeadSize, group = _config.HeadCount / _config.KeyValueHeads;
        for (int head = 0; head < _config.HeadCount; head++)
        {
            double[][] q = Head(queries, head, rotate: true);
            double[][] k = Head(keys, head / group, rotate: true), v = Head(values, head / group, rotate: false);
            for (int t = 0; t < x.Length; t++)
            {
                int[] seen = [.. Enumerable.Range(0, t + 1).Where(s => sees(t, s))];
                double[] shares = Softmax([.. seen.Select(s => Dot(q[t], k[s]) / Math.Sqrt(D))], out _);
                for (int i = 0; i < seen.Length; i++)
                {
                    for (int d = 0; d < D; d++)
                    {
                        gathered[t][(head * D) + d] += shares[i] * v[seen[i]][d];
                    }
                }
            }
        }

        return Linear(name + ".output", gathered);
    }

    /// <summary>The D columns of one head; queries and keys of a rotary model are turned by their position.</summary>
    private double[][] Head(double[][] x, int head, bool rotate)
    {
        int D = _config.HeadSize;
        rotate &= _config.Position == PositionKind.Rotary;
        return [.. x.Select((row, position) =>
        {
            double[] part = row.AsSpan(head * D, D).ToArray();
            return rotate ? Rotate(part, position) : part;
        })];
    }

    /// <summary>The pair (i, i + D/2) is a point of the plane, turned by position · base^(−2i/D): pairs further on turn slower.</summary>
    private double[] Rotate(double[] x, int position)
    {
        int D = x.Length, half = D / 2;
        double[] y = new double[D];
        for (int i = 0; i < half; i++)
        {
            double angle = position * Slowed(_config, Math.Pow(_config.RotaryBase, -2.0 * i / D));
            y[i] = (x[i] * Math.Cos(angle)) - (x[i + half] * Math.Sin(angle));
            y[i + half] = (x[i] * Math.Sin(angle)) + (x[i + half] * Math.Cos(angle));
        }

        return y;
    }

    /// <summary>Llama 3's rotary positions for long contexts: what turns seldom in the first context turns slower.</summary>
    internal static double Slowed(GptConfig config, double frequency)
    {
        (double factor, double low, double high, int context) = config.RotaryScaling;
        double turns = context * frequency / (2 * Math.PI);
        return turns < low ? frequency / factor
            : turns > high ? frequency
            : (((high - turns) / factor) + (turns - low)) / (high - low) * frequency;
    }

    private double[][] FeedForward(string name, double[][] x)
    {
        double[][] hidden = Linear(name + ".up", x); // [T, F]
        if (_config.Activation == ActivationKind.Swiglu)
        {
            double[][] gate = Linear(name + ".gate", x); // [T, F]
            double[][] gated = [.. gate.Zip(hidden, (g, u) => g.Zip(u, (open, value) => open / (1 + Math.Exp(-open)) * value).ToArray())];
            return Linear(name + ".down", gated);
        }

        return Linear(name + ".down", [.. hidden.Select(row => row.Select(Activate).ToArray())]);
    }

    private double Activate(double x) => _config.Activation switch
    {
        // x·Φ(x), with Φ the normal distribution function; erfc keeps its left tail exact.
        ActivationKind.Gelu => 0.5 * x * ErrorFunction.Erfc(-x / Math.Sqrt(2)),
        ActivationKind.GeluTanh => 0.5 * x * (1 + Math.Tanh(Math.Sqrt(2 / Math.PI) * (x + (0.044715 * x * x * x)))),
        _ => throw new NotSupportedException($"activation {_config.Activation}"),
    };

    /// <summary>exp of each score over the sum of all; the greatest score is taken off first, or large ones would overflow.</summary>
    private static double[] Softmax(ReadOnlySpan<double> scores, out double logOfSum)
    {
        double greatest = double.NegativeInfinity, sum = 0;
        foreach (double score in scores)
        {
            greatest = Math.Max(greatest, score);
        }

        double[] shares = new double[scores.Length];
        for (int i = 0; i < shares.Length; i++)
        {
            sum += shares[i] = Math.Exp(scores[i] - greatest);
        }

        for (int i = 0; i < shares.Length; i++)
        {
            shares[i] /= sum;
        }

        logOfSum = greatest + Math.Log(sum);
        return shares;
    }

    private static double Dot(double[] a, double[] b) => a.Zip(b, (x, y) => x * y).Sum();

    private static double[] Add(double[] a, double[] b) => [.. a.Zip(b, (x, y) => x + y)];

    private static double[][] Add(double[][] a, double[][] b) => [.. a.Zip(b, Add)];
}
