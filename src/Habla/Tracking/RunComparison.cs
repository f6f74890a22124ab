using System.Globalization;
using System.Text.Json.Nodes;
using System.Text.Json.Serialization;
using Habla.Plotting;
using Habla.Storage;

namespace Habla.Tracking;

/// <summary>Two training runs side by side.</summary>
/// <param name="A">The first.</param>
/// <param name="B">The second.</param>
/// <param name="Config">The keys of their recipes that differ, by name.</param>
public sealed record RunComparison(RunSummary A, RunSummary B, IReadOnlyList<ConfigChange> Config)
{
    /// <summary>Compares.</summary>
    /// <param name="a">The first run.</param>
    /// <param name="b">The second run.</param>
    public static RunComparison Of(RunSummary a, RunSummary b)
    {
        ArgumentNullException.ThrowIfNull(a);
        ArgumentNullException.ThrowIfNull(b);
        SortedDictionary<string, string> first = Keys(a.Config), second = Keys(b.Config);
        return new RunComparison(a, b,
        [
            .. first.Keys.Union(second.Keys).Order(StringComparer.Ordinal)
                .Select(key => new ConfigChange(key, first.GetValueOrDefault(key), second.GetValueOrDefault(key)))
                .Where(change => change.A != change.B),
        ]);
    }

    /// <summary>The figures of both, in the order of a report; null where a run has none.</summary>
    [JsonIgnore]
    public IEnumerable<(string Name, double? A, double? B)> Metrics =>
    [
        ("steps", A.Steps, B.Steps),
        ("parameters", A.Parameters, B.Parameters),
        ("train loss, last step", A.TrainLoss, B.TrainLoss),
        ("train perplexity", A.TrainPerplexity, B.TrainPerplexity),
        ("validation perplexity", A.ValidationPerplexity, B.ValidationPerplexity),
        ("best validation perplexity", A.BestValidationPerplexity, B.BestValidationPerplexity),
        ("n-gram baseline", A.BaselinePerplexity, B.BaselinePerplexity),
        ("tokens/s", A.TokensPerSecond, B.TokensPerSecond),
        ("seconds", A.WallClockSeconds, B.WallClockSeconds),
        ("peak memory, MB", A.PeakMemoryMb, B.PeakMemoryMb),
    ];

    /// <summary>
    /// Two panels, training loss (smoothed) and validation loss, each with both runs: the first purple, the second orange.
    /// </summary>
    /// <param name="a">The first run's log.</param>
    /// <param name="b">The second run's log.</param>
    public IReadOnlyList<Plot> Plots(IReadOnlyList<StepMetrics> a, IReadOnlyList<StepMetrics> b)
    {
        return
        [
            new Plot("Training loss", "step", "loss (nats per token)",
            [
                new(A.Folder, TrainingPlots.SmoothedLoss(a), PlotStyle.FirstRun),
                new(B.Folder, TrainingPlots.SmoothedLoss(b), PlotStyle.SecondRun),
            ]),
            new Plot("Validation loss", "step", "loss (nats per token)",
            [
                new(A.Folder, TrainingPlots.ValidationLoss(a), Discs(PlotStyle.FirstRun)),
                new(B.Folder, TrainingPlots.ValidationLoss(b), Discs(PlotStyle.SecondRun)),
            ]),
        ];

        static PlotLook Discs(PlotLook look) =>
            look with { PointType = PlotStyle.Validation.PointType, PointSize = PlotStyle.Validation.PointSize };
    }

    /// <summary>section.key → value as JSON; numbers are compared as numbers, so that 3e-4 and 0.0003 are the same.</summary>
    private static SortedDictionary<string, string> Keys(JsonObject config)
    {
        var keys = new SortedDictionary<string, string>(StringComparer.Ordinal);
        foreach ((string section, JsonNode? values) in config)
        {
            foreach ((string key, JsonNode? value) in values as JsonObject ?? [])
            {
                keys[$"{section}.{key}"] = value is JsonValue number && number.TryGetValue(out double figure)
                    ? figure.ToString("R", CultureInfo.InvariantCulture)
                    : value?.ToJsonString(JsonFormat.Line).Trim('"') ?? "null";
            }
        }

        return keys;
    }
}
