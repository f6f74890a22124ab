using Habla.Data;
using Habla.Modeling;
using Habla.Tensors;

namespace Habla.Evaluation;

/// <summary>What is lost when a model's weights and activations are kept in 16 bits, layer by layer.</summary>
public sealed record PrecisionDrift
{
    /// <summary>The 16-bit type.</summary>
    public required DriftType Dtype { get; init; }

    /// <summary>Targets that were predicted.</summary>
    public required long Tokens { get; init; }

    /// <summary>Mean loss per target in float32, in nats.</summary>
    public required double LossFloat32 { get; init; }

    /// <summary>Mean loss per target in 16 bits, in nats; not a number when logits overflowed.</summary>
    public required double LossRounded { get; init; }

    /// <summary>The share of targets that were the likeliest token in float32.</summary>
    public required double AccuracyFloat32 { get; init; }

    /// <summary>The share of targets that were the likeliest token in 16 bits.</summary>
    public required double AccuracyRounded { get; init; }

    /// <summary>The largest |Δlogit| between this float32 pass and the engine's: what the order of sums alone does.</summary>
    public required double LargestDifferenceToEngine { get; init; }

    /// <summary>The snapshots, in the order of the pass.</summary>
    public required IReadOnlyList<LayerDrift> Layers { get; init; }

    /// <summary>Where the likeliest token changed.</summary>
    public required IReadOnlyList<ArgmaxFlip> Flips { get; init; }

    /// <summary>Compares.</summary>
    /// <param name="model">The model; it is only read.</param>
    /// <param name="data">What to predict.</param>
    /// <param name="type">The 16-bit type.</param>
    public static PrecisionDrift Of(Gpt model, SequenceDataset data, DriftType type)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(data);
        var exact = new RoundedForward(model);
        var rounded = new RoundedForward(model, NumberRounding.Of(type));
        LayerDriftSum[] layers = [.. RoundedForward.SnapshotNames(model.Config).Select(name => new LayerDriftSum(name))];
        using var tape = new Tape(model.Parameters, TapeMode.Inference);
        var score = new Score(model.Config.VocabularySize);
        for (int i = 0; i < data.Count; i++)
        {
            ReadOnlySpan<int> sequence = data.Sequence(i);
            ReadOnlySpan<int> inputs = sequence[..^1];
            IReadOnlyList<float[]> first = exact.Run(inputs), second = rounded.Run(inputs);
            foreach ((int layer, LayerDriftSum sum) in layers.Index())
            {
                sum.Add(first[layer], second[layer], first[layer].Length / inputs.Length);
            }

            tape.Reset();
            score.Add(i, first[^1], second[^1], model.Forward(tape, inputs, 1).Data, sequence[1..]);
        }

        return new PrecisionDrift
        {
            Dtype = type, Tokens = score.Tokens,
            LossFloat32 = score.Losses.First / score.Tokens, LossRounded = score.Losses.Second / score.Tokens,
            AccuracyFloat32 = (double)score.Right.First / score.Tokens, AccuracyRounded = (double)score.Right.Second / score.Tokens,
            LargestDifferenceToEngine = score.ToEngine, Layers = [.. layers.Select(layer => layer.Result())], Flips = score.Flips,
        };
    }

    /// <summary>What both passes made of the targets.</summary>
    private sealed class Score(int vocabulary)
    {
        public long Tokens { get; private set; }

        public (double First, double Second) Losses { get; private set; }

        public (long First, long Second) Right { get; private set; }

        public double ToEngine { get; private set; }

        public List<ArgmaxFlip> Flips { get; } = [];

        public void Add(int sequence, float[] exact, float[] rounded, ReadOnlySpan<float> engine, ReadOnlySpan<int> targets)
        {
            for (int i = 0; i < exact.Length; i++)
            {
                ToEngine = Math.Max(ToEngine, Math.Abs(exact[i] - engine[i]));
            }

            for (int t = 0; t < targets.Length; t++)
            {
                ReadOnlySpan<float> first = exact.AsSpan(t * vocabulary, vocabulary), second = rounded.AsSpan(t * vocabulary, vocabulary);
                int mine = LogitRow.Likeliest(first), other = LogitRow.Likeliest(second), target = targets[t];
                Tokens++;
                Losses = (Losses.First + LogitRow.Loss(first, target), Losses.Second + LogitRow.Loss(second, target));
                Right = (Right.First + (mine == target ? 1 : 0), Right.Second + (other == target ? 1 : 0));
                if (mine != other)
                {
                    Flips.Add(new ArgmaxFlip(sequence, t, target, mine, other, first[mine] - first[other]));
                }
            }
        }
    }
}
