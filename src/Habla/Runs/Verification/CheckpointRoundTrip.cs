using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text.Json.Serialization;
using Habla.Checkpoints;
using Habla.Data;
using Habla.Evaluation;
using Habla.Modeling;
using Habla.Storage;
using Habla.Tensors;

namespace Habla.Runs.Verification;

/// <summary>
/// What saving and loading does to a model: nothing. The weights of a checkpoint are written to a new file and read into a new
/// model; files and logits are then compared byte for byte, those of the engine and those of the float64 reference.
/// </summary>
public sealed record CheckpointRoundTrip
{
    /// <summary>SHA-256 of the checkpoint's weights.safetensors.</summary>
    [JsonPropertyName("weights_sha256")]
    public required string WeightsSha256 { get; init; }

    /// <summary>SHA-256 of the file written from the loaded model.</summary>
    [JsonPropertyName("rewritten_sha256")]
    public required string RewrittenSha256 { get; init; }

    /// <summary>How many logits were compared, over the whole data.</summary>
    public required long Logits { get; init; }

    /// <summary>SHA-256 of the float32 logits of the checkpoint.</summary>
    [JsonPropertyName("float32_logits_sha256")]
    public required string Float32LogitsSha256 { get; init; }

    /// <summary>SHA-256 of the float32 logits after the round trip.</summary>
    [JsonPropertyName("float32_logits_after_sha256")]
    public required string Float32LogitsAfterSha256 { get; init; }

    /// <summary>SHA-256 of the float64 reference's logits of the checkpoint.</summary>
    [JsonPropertyName("float64_logits_sha256")]
    public required string Float64LogitsSha256 { get; init; }

    /// <summary>SHA-256 of the float64 reference's logits after the round trip.</summary>
    [JsonPropertyName("float64_logits_after_sha256")]
    public required string Float64LogitsAfterSha256 { get; init; }

    /// <summary>Whether every pair of hashes is the same.</summary>
    [JsonPropertyName("byte_identical")]
    public bool ByteIdentical => WeightsSha256 == RewrittenSha256
        && Float32LogitsSha256 == Float32LogitsAfterSha256 && Float64LogitsSha256 == Float64LogitsAfterSha256;

    /// <summary>Takes a trained model there and back.</summary>
    /// <param name="trained">The model as it was loaded from its checkpoint.</param>
    /// <param name="data">What the logits are computed on.</param>
    public static CheckpointRoundTrip Of(SavedModel trained, SequenceDataset data)
    {
        ArgumentNullException.ThrowIfNull(trained);
        ArgumentNullException.ThrowIfNull(data);
        string rewritten = Path.Combine(Path.GetTempPath(), $"habla-roundtrip-{Guid.NewGuid():N}.safetensors");
        try
        {
            ModelFile.Save(rewritten, trained.Model);
            using Gpt loaded = ModelFile.Load(rewritten);
            (string float32, string float64, long count) = HashLogits(trained.Model, data);
            (string float32After, string float64After, _) = HashLogits(loaded, data);
            return new CheckpointRoundTrip
            {
                WeightsSha256 = ContentHash.OfFile(trained.WeightsFile),
                RewrittenSha256 = ContentHash.OfFile(rewritten),
                Logits = count,
                Float32LogitsSha256 = float32,
                Float32LogitsAfterSha256 = float32After,
                Float64LogitsSha256 = float64,
                Float64LogitsAfterSha256 = float64After,
            };
        }
        finally
        {
            File.Delete(rewritten);
        }
    }

    private static (string Float32, string Float64, long Count) HashLogits(Gpt model, SequenceDataset data)
    {
        using var float32 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var float64 = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var tape = new Tape(model.Parameters, TapeMode.Inference);
        var reference = new ReferenceForward(model.Config, name => model.Parameters.Data(model.Parameters[name]));
        long count = 0;
        foreach (Batch batch in data.EvaluationBatches())
        {
            tape.Reset();
            Tensor logits = model.Forward(tape, batch.Inputs, batch.BatchSize, batch.Mask);
            float32.AppendData(MemoryMarshal.AsBytes((ReadOnlySpan<float>)logits.Data));
            float64.AppendData(MemoryMarshal.AsBytes<double>(
                reference.Logits(batch.Inputs, batch.KeyMask, batch.BatchSize, batch.DocumentStarts)));
            count += logits.Shape.Count;
        }

        return (Convert.ToHexStringLower(float32.GetHashAndReset()), Convert.ToHexStringLower(float64.GetHashAndReset()), count);
    }
}
