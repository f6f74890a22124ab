using System.Reflection;
using System.Runtime.InteropServices;

namespace Habla.Tracking;

/// <summary>The versions of what a run was computed with.</summary>
/// <param name="Habla">Habla's version.</param>
/// <param name="Dotnet">The .NET runtime's version.</param>
/// <param name="Os">The operating system, as it names itself.</param>
public sealed record SoftwareVersions(string Habla, string Dotnet, string Os)
{
    /// <summary>The versions of this process.</summary>
    public static SoftwareVersions Current { get; } = new(
        typeof(SoftwareVersions).Assembly.GetCustomAttribute<AssemblyInformationalVersionAttribute>()!.InformationalVersion,
        Environment.Version.ToString(),
        $"{RuntimeInformation.OSDescription} {RuntimeInformation.OSArchitecture}");
}
