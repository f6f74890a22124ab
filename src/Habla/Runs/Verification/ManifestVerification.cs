using System.Text.Json.Serialization;

namespace Habla.Runs.Verification;

/// <summary>The hash of the weights that <c>manifest.json</c> ends with, held against the replay.</summary>
/// <param name="Step">The step whose weights it tells of.</param>
/// <param name="RecordedSha256">What the manifest says.</param>
/// <param name="ReplayedSha256">What the replay gives.</param>
public sealed record ManifestVerification(
    int Step,
    [property: JsonPropertyName("recorded_sha256")] string RecordedSha256,
    [property: JsonPropertyName("replayed_sha256")] string ReplayedSha256)
{
    /// <summary>Whether they are the same.</summary>
    public bool Reproduced => RecordedSha256 == ReplayedSha256;
}
