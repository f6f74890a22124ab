namespace Habla.Ingestion;

/// <summary>What an ingestion came to.</summary>
/// <param name="Report">The report as it was written.</param>
/// <param name="Reused">Files that were not read again, since they had not changed; in no report, which does not depend on it.</param>
public sealed record IngestOutcome(IngestReport Report, int Reused);
