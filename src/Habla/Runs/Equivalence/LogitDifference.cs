using System.Text.Json.Serialization;
using Habla.Evaluation;
using Habla.Generation;
using Habla.Modeling;
using Habla.Tensors.Threading;

namespace Habla.Runs.Equivalence;

/// <summary>How far two ways to run a model lie apart, over every logit of every position of some token sequences.</summary>
public sealed record LogitDifference
{
    /// <summary>The largest |Δlogit|; infinite where one of the two is not a finite number.</summary>
    public required double LargestLogitDifference { get; init; }

    /// <summary>The largest |logit| of the first way, to hold the difference against.</summary>
    public required double LargestLogit { get; init; }

    /// <summary>Logits whose bits differ.</summary>
    public required long ChangedLogits { get; init; }

    /// <summary>Logits that were compared.</summary>
    public required long Logits { get; init; }

    /// <summary>Positions where the likeliest token is another one.</summary>
    public required long ChangedPredictions { get; init; }

    /// <summary>e^loss of the first way over the tokens that the sequences go on with.</summary>
    public required double PerplexityBefore { get; init; }

    /// <summary>The same of the second way.</summary>
    [JsonPropertyName("ppl")]
    public required double Perplexity { get; init; }

    /// <summary>Perplexity of the second way less that of the first.</summary>
    public double PerplexityDifference => Perplexity - PerplexityBefore;

    /// <summary>Reads sequences token by token both ways.</summary>
    /// <param name="first">A model and how it is run.</param>
    /// <param name="second">The same, or another that is to be the same.</param>
    /// <param name="sequences">Token ids, at least two in each; they may be longer than the context.</param>
    /// <param name="pool">The threads.</param>
    internal static LogitDifference Between(
        (Gpt Model, InferenceOptions Options) first, (Gpt Model, InferenceOptions Options) second,
        IReadOnlyList<int[]> sequences, WorkerPool pool)
    {
        using var one = new InferenceSession(first.Model, first.Options, pool);
        using var other = new InferenceSession(second.Model, second.Options, pool);
        var sums = new Sums();
        foreach (int[] sequence in sequences)
        {
            one.Start([sequence[0]]);
            other.Start([sequence[0]]);
            for (int position = 1; position < sequence.Length; position++)
            {
                sums.Add(one.Logits(0), other.Logits(0), sequence[position]);
                if (position + 1 < sequence.Length)
                {
                    one.Append([sequence[position]]);
                    other.Append([sequence[position]]);
                }
            }
        }

        return sums.Result();
    }

    private sealed class Sums
    {
        private double _largest, _scale, _before, _after;
        private long _changed, _logits, _flips, _tokens;

        public void Add(ReadOnlySpan<float> first, ReadOnlySpan<float> second, int target)
        {
            for (int id = 0; id < first.Length; id++)
            {
                _scale = Math.Max(_scale, Math.Abs((double)first[id]));
                if (BitConverter.SingleToInt32Bits(first[id]) != BitConverter.SingleToInt32Bits(second[id]))
                {
                    double difference = Math.Abs((double)first[id] - second[id]);
                    _largest = Math.Max(_largest, double.IsNaN(difference) ? double.PositiveInfinity : difference);
                    _changed++;
                }
            }

            _logits += first.Length;
            _flips += LogitRow.Likeliest(first) == LogitRow.Likeliest(second) ? 0 : 1;
            _tokens++;
            _before += LogitRow.Loss(first, target);
            _after += LogitRow.Loss(second, target);
        }

        public LogitDifference Result() => new()
        {
            LargestLogitDifference = _largest, LargestLogit = _scale, ChangedLogits = _changed, Logits = _logits,
            ChangedPredictions = _flips, PerplexityBefore = Math.Exp(_before / _tokens), Perplexity = Math.Exp(_after / _tokens),
        };
    }
}
