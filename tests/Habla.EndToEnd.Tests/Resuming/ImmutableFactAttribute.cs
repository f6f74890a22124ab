namespace Habla.EndToEnd.Tests.Resuming;

/// <summary>A test that makes a file immutable: skipped, with the reason, for whoever may not, and on file systems without that.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class ImmutableFactAttribute : FactAttribute
{
    public ImmutableFactAttribute()
    {
        string file = Path.GetTempFileName();
        if (SystemCommand.ProblemWith(["chattr", "+i", file], ["lsattr", file], ["chattr", "-i", file]) is { } problem)
        {
            Skip = $"no file can be made immutable ({problem})";
        }

        File.Delete(file);
    }
}
