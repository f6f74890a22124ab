namespace Habla.Extraction;

/// <summary>How to start a process that reads files for this one, so that a file can neither hang nor fill this process.</summary>
/// <param name="Program">The program to start.</param>
/// <param name="Arguments">Its arguments; with them it has to read files as <c>habla ingest-worker</c> does.</param>
public sealed record WorkerCommand(string Program, IReadOnlyList<string> Arguments);
