using System.Globalization;
using Habla.Tests;

namespace Habla.EndToEnd.Tests.Peers;

/// <summary>A program of tests/peers that runs on Node.js; test.sh installs what it needs.</summary>
internal static class NodePeer
{
    private static readonly TimeSpan TimeLimit = TimeSpan.FromMinutes(2);

    private static readonly Lazy<int> _version = new(
        () => int.Parse(ExternalProcess.Run("node", ["--version"], Repository.Root, TimeLimit).Expect(0).Output.TrimStart('v').Split('.')[0],
            CultureInfo.InvariantCulture));

    /// <summary>The major version of Node.js.</summary>
    public static int Version => _version.Value;

    public static string Folder(string peer) => Path.Combine(Repository.Root, "tests", "peers", peer);

    public static bool IsInstalled(string peer) => Directory.Exists(Path.Combine(Folder(peer), "node_modules"));

    public static ProcessResult Run(string peer, string script, params string[] arguments) =>
        ExternalProcess.Run("node", [Path.Combine(Folder(peer), script), .. arguments], Folder(peer), TimeLimit);
}
