namespace Habla.Tracking;

/// <summary>How a run was gone on with: what may differ from how it began, and changes no bit of its result.</summary>
/// <param name="AfterStep">The steps that were done already.</param>
/// <param name="StartedAt">When it went on, in UTC.</param>
/// <param name="GitSha">The commit of the checkout; null outside one.</param>
/// <param name="Versions">What it went on with.</param>
/// <param name="Hardware">The machine.</param>
/// <param name="Threads">Threads it computed with.</param>
/// <param name="CommandLine">The command's arguments, the program's name first.</param>
public sealed record ManifestPart(
    int AfterStep, DateTimeOffset StartedAt, string? GitSha, SoftwareVersions Versions, Hardware Hardware, int Threads,
    IReadOnlyList<string> CommandLine)
{
    /// <summary>The part that a manifest of now describes.</summary>
    /// <param name="now">A manifest as a new run's would be.</param>
    /// <param name="afterStep">The steps that were done already.</param>
    internal static ManifestPart Of(Manifest now, int afterStep) =>
        new(afterStep, now.StartedAt, now.GitSha, now.Versions, now.Hardware, now.Threads, now.CommandLine);
}
