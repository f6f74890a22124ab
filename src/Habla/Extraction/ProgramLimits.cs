namespace Habla.Extraction;

/// <summary>What one run of a program may take.</summary>
/// <param name="Time">How long it may run.</param>
/// <param name="MemoryMb">How much memory it may have, in MiB.</param>
/// <param name="OutputBytes">How much it may write.</param>
internal readonly record struct ProgramLimits(TimeSpan Time, int MemoryMb, long OutputBytes);
