namespace Habla.Ingestion;

/// <summary>How far an ingestion has come.</summary>
/// <param name="Files">Files that are done.</param>
/// <param name="TotalFiles">Files in all.</param>
/// <param name="Reused">Files that had not changed since they were read before.</param>
/// <param name="Documents">Documents so far.</param>
public sealed record IngestProgress(int Files, int TotalFiles, int Reused, long Documents);
