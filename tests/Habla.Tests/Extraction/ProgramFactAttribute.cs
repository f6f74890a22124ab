namespace Habla.Tests.Extraction;

/// <summary>A test with real programs: skipped, with a line that says so, where one is not installed. test.sh installs them.</summary>
internal sealed class ProgramFactAttribute : FactAttribute
{
    public ProgramFactAttribute(params string[] programs)
    {
        string[] missing = [.. programs.Where(program => !Tool.IsInstalled(program))];
        if (missing.Length > 0)
        {
            Skip = $"not installed: {string.Join(", ", missing)}";
        }
    }
}
