using System.Text.Json.Serialization;
using Habla.Data;
using Habla.Data.Shards;
using Habla.Generation;
using Habla.Modeling;
using Habla.Storage;
using Habla.Tensors;
using Habla.Tensors.Threading;
using Habla.Tracking;

namespace Habla.Runs.Equivalence;

/// <summary>
/// What changes when a model is run another way than it was trained: without keys and values kept, from another program's file, with
/// smaller numbers. Everything is held against the model as it is, token by token, on the same tokens.
/// </summary>
public sealed record EquivalenceCard
{
    /// <summary>Tokens that are predicted when nothing else is asked for.</summary>
    public const int DefaultTokens = 512;

    /// <summary>What was named: the run folder, the model's folder, or the weights file.</summary>
    public required string Model { get; init; }

    /// <summary>SHA-256 of the weights file.</summary>
    [JsonPropertyName("weights_sha256")]
    public required string WeightsSha256 { get; init; }

    /// <summary>The model's shape.</summary>
    public required GptConfig Config { get; init; }

    /// <summary>SHA-256 of each data file that the tokens come from, by path.</summary>
    [JsonPropertyName("data_sha256")]
    public required IReadOnlyDictionary<string, string> DataSha256 { get; init; }

    /// <summary>Tokens that were predicted.</summary>
    public required int Tokens { get; init; }

    /// <summary>How many of them after the window had slid, for texts longer than the context.</summary>
    public required int PastContext { get; init; }

    /// <summary>A row for each other way.</summary>
    public required IReadOnlyList<EquivalenceRow> Rows { get; init; }

    /// <summary>Whether every row that has to be the same is.</summary>
    public bool Holds => !Rows.Any(row => row.IsBroken);

    /// <summary>Measures.</summary>
    /// <param name="model">The model.</param>
    /// <param name="path">What to predict, as <c>habla eval --data</c> takes it; null for the run's validation data.</param>
    /// <param name="tokens">
    /// How many tokens to predict at most, from the beginning; at least 1. Each row runs the model twice over them.
    /// </param>
    /// <param name="pool">The threads.</param>
    /// <param name="heard">Is told of each row when it is known; null (the default) for nobody.</param>
    /// <exception cref="InvalidInputException">The data cannot be used, or there is none.</exception>
    public static EquivalenceCard Measure(
        SavedModel model, string? path, int tokens, WorkerPool pool, Action<EquivalenceRow>? heard = null)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(pool);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(tokens);
        (SequenceDataset data, IReadOnlyDictionary<string, string> hashes) = DataOf(model, path);
        var read = CardTokens.Of(data, tokens);
        var rows = new List<EquivalenceRow>();
        foreach (EquivalenceRow row in RowsOf(model, read, pool))
        {
            rows.Add(row);
            heard?.Invoke(row);
        }

        return new EquivalenceCard
        {
            Model = model.Place, WeightsSha256 = ContentHash.OfFile(model.WeightsFile), Config = model.Model.Config,
            DataSha256 = hashes, Tokens = read.Count, PastContext = read.PastContext, Rows = rows,
        };
    }

    /// <summary>Makes sure that a card can be written to a folder, which is worth knowing before it is measured.</summary>
    /// <param name="folder">The folder; it need not exist.</param>
    /// <exception cref="InvalidInputException">It cannot be written.</exception>
    public static void RefuseUnwritable(string folder) => RunFolder.RefuseUnwritable(folder, Path.GetFullPath(folder));

    /// <summary>Writes <c>CARD.md</c> and <c>card.json</c>.</summary>
    /// <param name="folder">The folder, which is made when missing; a run's own will do.</param>
    /// <returns>The page.</returns>
    /// <exception cref="InvalidInputException">The folder cannot be written.</exception>
    public string Write(string folder)
    {
        RefuseUnwritable(folder);
        var target = RunFolder.At(folder);
        Directory.CreateDirectory(folder);
        JsonFormat.WriteFile(target.CardFile, this);
        AtomicFile.WriteText(target.CardPageFile, CardPage.Of(this));
        return target.CardPageFile;
    }

    private static (SequenceDataset Data, IReadOnlyDictionary<string, string> Hashes) DataOf(SavedModel model, string? path)
    {
        if (path is not null)
        {
            string hashed = TokenShards.IsShards(path) ? TokenShards.HashedFileOf(path) : path;
            return (model.LoadForEvaluation(path), new Dictionary<string, string> { [hashed] = ContentHash.OfFile(hashed) });
        }

        RecordedRun run = model.RequireRun("validation data");
        RunData data = RunData.Load(run.Recipe, run.Tokenizer);
        return data.Validation is { } validation
            ? (validation, data.FileHashes)
            : throw new InvalidInputException("the run has no validation data: name a file with --file");
    }

    private static IEnumerable<EquivalenceRow> RowsOf(SavedModel model, CardTokens tokens, WorkerPool pool)
    {
        Gpt native = model.Model;
        var asItIs = (native, new InferenceOptions());
        LogitDifference Against(Gpt other, InferenceOptions? options = null) =>
            LogitDifference.Between(asItIs, (other, options ?? new InferenceOptions()), tokens.Sequences, pool);

        yield return new EquivalenceRow("no cache", true, Against(native, new InferenceOptions { UseCache = false }));
        foreach (ExportedModel exported in ExportedModel.Kinds)
        {
            yield return exported.Row(model, other => Against(other));
        }

        foreach (WeightFormat format in (WeightFormat[])[WeightFormat.Float16, WeightFormat.Q8])
        {
            yield return new EquivalenceRow(
                $"weights {WeightFormats.Name(format)}", false, Against(native, new InferenceOptions { Weights = format }));
        }
    }
}
