using Habla.Extraction;

namespace Habla.Ingestion;

/// <summary>What was read from a file, as the cache keeps it: a line of <c>ingest_cache.jsonl</c>.</summary>
/// <param name="Path">Where the file is.</param>
/// <param name="Length">Its size in bytes.</param>
/// <param name="Modified">When it was changed last, in ticks of UTC.</param>
/// <param name="Settled">
/// Whether it had been left alone for a while when it was read, so that a later change shows in its time; otherwise only its hash tells.
/// </param>
/// <param name="Extraction">A hash of the extractor's identity.</param>
/// <param name="Sha256">The SHA-256 of its bytes; empty when no text came from it.</param>
/// <param name="Result">What the extractor found.</param>
internal sealed record ExtractedFile(
    string Path, long Length, long Modified, bool Settled, string Extraction, string Sha256, ExtractionResult Result);
