using System.Text.Json;
using System.Text.Json.Serialization;
using Habla.Baselines;
using Habla.Storage;

namespace Habla.Runs;

/// <summary>The results.json that <c>habla baseline</c> leaves behind, with what is needed to tell whether it fits a run.</summary>
public sealed record BaselineFolder
{
    /// <summary>SHA-256 of the tokenizer whose tokens were counted.</summary>
    [JsonPropertyName("tokenizer_sha256")]
    public required string TokenizerSha256 { get; init; }

    /// <summary>SHA-256 of every data file by path.</summary>
    [JsonPropertyName("data_sha256")]
    public required IReadOnlyDictionary<string, string> DataSha256 { get; init; }

    /// <summary>Perplexity of the best model on the validation data.</summary>
    [JsonPropertyName("best_val_ppl")]
    public required double BestValidationPerplexity { get; init; }

    /// <summary>Every model that was fitted.</summary>
    public required BaselineResult Result { get; init; }

    /// <summary>The results of a baseline on some data.</summary>
    /// <param name="data">The data.</param>
    /// <param name="result">The baseline.</param>
    public static BaselineFolder Of(RunData data, BaselineResult result)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(result);
        return new BaselineFolder
        {
            TokenizerSha256 = data.Tokenizer.Fingerprint,
            DataSha256 = new SortedDictionary<string, string>(data.FileHashes.ToDictionary(), StringComparer.Ordinal),
            BestValidationPerplexity = result.Best.ValPpl,
            Result = result,
        };
    }

    /// <summary>Writes results.json.</summary>
    /// <param name="folder">The baseline's folder.</param>
    public void Write(string folder) => JsonFormat.WriteFile(FileIn(folder), this);

    /// <summary>Reads results.json and checks that it was counted on the same tokens as a run.</summary>
    /// <param name="folder">A folder written by <c>habla baseline</c>.</param>
    /// <param name="data">The run's data.</param>
    /// <exception cref="InvalidInputException">There is no baseline there, or it is one of other data or another tokenizer.</exception>
    public static BaselineFolder Read(string folder, RunData data)
    {
        ArgumentNullException.ThrowIfNull(data);
        string path = FileIn(folder);
        BaselineFolder found;
        try
        {
            found = JsonSerializer.Deserialize<BaselineFolder>(File.ReadAllText(path), JsonFormat.Document) ?? throw new JsonException("null");
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException)
        {
            throw new InvalidInputException(
                $"{path}: this holds no baseline ({error.Message.TrimEnd('.')}); make one with habla baseline --config … --out {folder}", error);
        }

        if (found.TokenizerSha256 != data.Tokenizer.Fingerprint)
        {
            throw new InvalidInputException(
                $"{path}: the baseline was counted on tokens of another tokenizer ({found.TokenizerSha256[..12]}, "
                + $"not {data.Tokenizer.Fingerprint[..12]}), so perplexities cannot be compared; run habla baseline with this recipe");
        }

        if (!found.DataSha256.Values.Order(StringComparer.Ordinal).SequenceEqual(data.FileHashes.Values.Order(StringComparer.Ordinal)))
        {
            throw new InvalidInputException(
                $"{path}: the baseline was counted on other data ({string.Join(", ", found.DataSha256.Keys)}); run habla baseline with this recipe");
        }

        return found;
    }

    private static string FileIn(string folder) => Path.Combine(folder, "results.json");
}
