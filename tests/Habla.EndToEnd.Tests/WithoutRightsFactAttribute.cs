namespace Habla.EndToEnd.Tests;

/// <summary>A test of what a user meets who may not read everything; skipped with a line where no such user can run habla.</summary>
[AttributeUsage(AttributeTargets.Method)]
internal sealed class WithoutRightsFactAttribute : FactAttribute
{
    public WithoutRightsFactAttribute() => Skip = HablaProcess.WhyNotWithoutRights();
}
