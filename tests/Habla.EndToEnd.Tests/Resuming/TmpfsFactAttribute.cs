namespace Habla.EndToEnd.Tests.Resuming;

/// <summary>A test that mounts a small disk in memory: skipped, with the reason, for whoever may not.</summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class TmpfsFactAttribute : FactAttribute
{
    public TmpfsFactAttribute()
    {
        string folder = Directory.CreateTempSubdirectory("habla-mount-").FullName;
        if (SystemCommand.ProblemWith(["mount", "-t", "tmpfs", "-o", "size=64k", "tmpfs", folder], ["umount", folder]) is { } problem)
        {
            Skip = $"a small disk to fill cannot be mounted ({problem})";
        }

        Directory.Delete(folder);
    }
}
