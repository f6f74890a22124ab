using System.Text;

namespace Habla.Extraction;

/// <summary>What a program wrote before it ended by itself.</summary>
/// <param name="ExitCode">How it ended; 0 is well.</param>
/// <param name="Bytes">Its standard output.</param>
/// <param name="Complaints">The beginning of its standard error.</param>
internal sealed record ProgramOutput(int ExitCode, byte[] Bytes, string Complaints)
{
    private static readonly string[] s_wordsOfMemory =
        ["malloc", "calloc", "bad_alloc", "out of memory", "allocate memory", "memory allocation"];

    /// <summary>Its standard output as UTF-8.</summary>
    public string Text => TextDecoder.UnixLines(Encoding.UTF8.GetString(Bytes));

    /// <summary>Whether it ended for want of memory.</summary>
    public bool LackedMemory => ExitCode != 0
        && s_wordsOfMemory.Any(word => Complaints.Contains(word, StringComparison.OrdinalIgnoreCase));

    /// <summary>Whether it was ended by a signal, or could not begin: another time it may fare better.</summary>
    public bool Died => ExitCode >= 126;

    /// <summary>Its last words, in a line.</summary>
    public string LastWords =>
        Complaints.Split('\n', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries) is [.., { } last]
            ? OneLine.Of(last) : $"exit code {ExitCode}";
}
