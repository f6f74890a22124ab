using Habla.Modeling;

namespace Habla.Evaluation;

/// <summary>
/// A GPT's forward pass in plain float32 loops, in which weights and the result of each operation go through a cast. Products are
/// summed up in float32 and cast once at their end, as processors with 16-bit matrix units do it. Shares no code with the engine.
/// </summary>
public sealed class RoundedForward
{
    private readonly GptConfig _config;
    private readonly Func<float, float> _cast;
    private readonly Dictionary<string, float[]> _weights = [];

    /// <summary>Casts a model's weights.</summary>
    /// <param name="model">The model; it is only read.</param>
    /// <param name="cast">What each number goes through; null for plain float32.</param>
    public RoundedForward(Gpt model, Func<float, float>? cast = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        (_config, _cast) = (model.Config, cast ?? (value => value));
        foreach (Tensors.Parameter parameter in model.Parameters.Parameters)
        {
            _weights.Add(parameter.Name, Cast(model.Parameters.Data(parameter).ToArray()));
        }
    }

    /// <summary>The names of the snapshots, in the order of the pass: embed_out, block_0_out …, final_ln_out, logits.</summary>
    /// <param name="config">The model's shape.</param>
    public static IReadOnlyList<string> SnapshotNames(GptConfig config)
    {
        ArgumentNullException.ThrowIfNull(config);
        return ["embed_out", .. Enumerable.Range(0, config.LayerCount).Select(i => $"block_{i}_out"), "final_ln_out", "logits"];
    }

    /// <summary>Runs one sequence.</summary>
    /// <param name="ids">Its token ids, <c>[T]</c>, all of them real.</param>
    /// <returns>The snapshots in the order of <see cref="SnapshotNames"/>: <c>[T, C]</c> each, the last <c>[T, V]</c>.</returns>
    /// <exception cref="ArgumentException">The sequence is longer than the context, or an id is not a token.</exception>
    public IReadOnlyList<float[]> Run(ReadOnlySpan<int> ids)
    {
        if (ids.Length > _config.ContextLength)
        {
            throw new ArgumentException($"a sequence of {ids.Length} tokens; the model takes at most {_config.ContextLength}", nameof(ids));
        }

        float[] x = Embed(ids);
        List<float[]> snapshots = [x];
        for (int layer = 0; layer < _config.LayerCount; layer++)
        {
            string block = $"blocks.{layer}.";
            x = Add(x, Attention(block + "attention", Norm(block + "attention_norm", x), ids.Length));
            x = Add(x, FeedForward(block + "feed_forward", Norm(block + "feed_forward_norm", x)));
            snapshots.Add(x);
        }

        x = Norm("final_norm", x);
        return [.. snapshots, x, Linear(_config.TieEmbeddings ? "token_embedding" : "head", x, _config.Width)];
    }

    private float[] Cast(float[] values)
    {
        for (int i = 0; i < values.Length; i++)
        {
            values[i] = _cast(values[i]);
        }

        return values;
    }

    private float[] Embed(ReadOnlySpan<int> ids)
    {
        int C = _config.Width;
        float[] table = _weights["token_embedding.weight"], x = new float[ids.Length * C];
        for (int t = 0; t < ids.Length; t++)
        {
            if ((uint)ids[t] >= (uint)_config.VocabularySize)
            {
                throw new ArgumentException($"id {ids[t]} at position {t} is not one of {_config.VocabularySize} tokens", nameof(ids));
            }

            table.AsSpan(ids[t] * C, C).CopyTo(x.AsSpan(t * C));
        }

        return _config.Position == PositionKind.Learned ? Add(x, _weights["position_embedding.weight"]) : x;
    }

    /// <summary>LayerNorm or RMSNorm of each row; mean and variance, or mean square, stay in float32.</summary>
    private float[] Norm(string name, float[] x)
    {
        float[] weight = _weights[name + ".weight"], y = new float[x.Length];
        float[]? bias = _weights.GetValueOrDefault(name + ".bias");
        int C = weight.Length;
        for (int start = 0; start < x.Length; start += C)
        {
            float mean = 0, variance = 0;
            for (int c = 0; c < C && _config.Norm == NormKind.Layernorm; c++) { mean += x[start + c]; }

            mean /= C;
            for (int c = 0; c < C; c++) { variance += (x[start + c] - mean) * (x[start + c] - mean); }

            float scale = 1 / MathF.Sqrt((variance / C) + (float)_config.NormEpsilon);
            for (int c = 0; c < C; c++) { y[start + c] = ((x[start + c] - mean) * scale * weight[c]) + (bias?[c] ?? 0); }
        }

        return Cast(y);
    }

    /// <summary>y = x Wᵀ + b, with W of shape [out, in].</summary>
    private float[] Linear(string name, float[] x, int width)
    {
        float[] weight = _weights[name + ".weight"];
        float[]? bias = _weights.GetValueOrDefault(name + ".bias");
        int rows = x.Length / width, outputs = weight.Length / width;
        float[] y = new float[rows * outputs];
        for (int row = 0; row < rows; row++)
        {
            for (int o = 0; o < outputs; o++)
            {
                y[(row * outputs) + o] = Dot(x.AsSpan(row * width, width), weight.AsSpan(o * width, width)) + (bias?[o] ?? 0);
            }
        }

        return Cast(y);
    }

    private float[] Attention(string name, float[] x, int T)
    {
        int C = _config.Width, D = _config.HeadSize;
        float[] queries = Linear(name + ".query", x, C), keys = Linear(name + ".key", x, C), values = Linear(name + ".value", x, C);
        int K = _config.KeyValueHeads * D, group = _config.HeadCount / _config.KeyValueHeads; // [T, C] queries, [T, K] keys and values
        if (_config.Position == PositionKind.Rotary)
        {
            Rotate(queries, C);
            Rotate(keys, K);
        }

        float[] gathered = new float[x.Length];
        for (int head = 0; head < C; head += D)
        {
            int shared = head / D / group * D;
            for (int t = 0; t < T; t++)
            {
                float[] shares = new float[t + 1];
                for (int s = 0; s <= t; s++)
                {
                    shares[s] = Dot(queries.AsSpan((t * C) + head, D), keys.AsSpan((s * K) + shared, D)) / MathF.Sqrt(D);
                }

                Cast(Softmax(Cast(shares)));
                for (int s = 0; s <= t; s++)
                {
                    for (int d = 0; d < D; d++) { gathered[(t * C) + head + d] += shares[s] * values[(s * K) + shared + d]; }
                }
            }
        }

        return Linear(name + ".output", Cast(gathered), C);
    }

    /// <summary>The pair (i, i + D/2) of each head is turned by position · θ^(−2i/D), θ = 10000 by default.</summary>
    private void Rotate(float[] x, int C)
    {
        int D = _config.HeadSize, half = D / 2;
        for (int t = 0; t < x.Length / C; t++)
        {
            for (int i = 0; i < half; i++)
            {
                double angle = t * ReferenceForward.Slowed(_config, Math.Pow(_config.RotaryBase, -2.0 * i / D));
                float cos = (float)Math.Cos(angle), sin = (float)Math.Sin(angle);
                for (int at = (t * C) + i; at < (t + 1) * C; at += D)
                {
                    (x[at], x[at + half]) = (_cast((x[at] * cos) - (x[at + half] * sin)), _cast((x[at] * sin) + (x[at + half] * cos)));
                }
            }
        }
    }

    private float[] FeedForward(string name, float[] x)
    {
        float[] hidden = Linear(name + ".up", x, _config.Width);
        float[]? gate = _config.Activation == ActivationKind.Swiglu ? Linear(name + ".gate", x, _config.Width) : null;
        for (int i = 0; i < hidden.Length; i++)
        {
            hidden[i] = _cast(gate is null ? Activate(hidden[i]) : gate[i] / (1 + MathF.Exp(-gate[i])) * hidden[i]);
        }

        return Linear(name + ".down", hidden, _config.FeedForwardWidth);
    }

    private float Activate(float x) => _config.Activation switch
    {
        ActivationKind.Gelu => (float)(0.5 * x * ErrorFunction.Erfc(-x / Math.Sqrt(2))),
        ActivationKind.GeluTanh => 0.5f * x * (1 + MathF.Tanh(MathF.Sqrt(2 / MathF.PI) * (x + (0.044715f * x * x * x)))),
        _ => throw new NotSupportedException($"activation {_config.Activation}"),
    };

    /// <summary>In place; the sum stays in float32.</summary>
    private static float[] Softmax(float[] scores)
    {
        float greatest = scores.Max(), sum = 0;
        for (int i = 0; i < scores.Length; i++)
        {
            sum += scores[i] = MathF.Exp(scores[i] - greatest);
        }

        for (int i = 0; i < scores.Length; i++)
        {
            scores[i] /= sum;
        }

        return scores;
    }

    private float[] Add(float[] x, float[] branch)
    {
        float[] sum = new float[x.Length];
        for (int i = 0; i < sum.Length; i++)
        {
            sum[i] = _cast(x[i] + branch[i]);
        }

        return sum;
    }

    private static float Dot(ReadOnlySpan<float> a, ReadOnlySpan<float> b)
    {
        float sum = 0;
        for (int i = 0; i < a.Length; i++)
        {
            sum += a[i] * b[i];
        }

        return sum;
    }
}
