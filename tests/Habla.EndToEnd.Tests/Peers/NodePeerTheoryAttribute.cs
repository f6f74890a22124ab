namespace Habla.EndToEnd.Tests.Peers;

/// <summary>A test beside a program that runs on Node.js: skipped where the program could not be installed.</summary>
internal sealed class NodePeerTheoryAttribute : TheoryAttribute
{
    /// <param name="peer">The folder in tests/peers.</param>
    /// <param name="leastVersion">The major version of Node.js that the program needs.</param>
    public NodePeerTheoryAttribute(string peer, int leastVersion = 18)
    {
        (Peer, LeastVersion) = (peer, leastVersion);
        if (!NodePeer.IsInstalled(peer))
        {
            Skip = $"tests/peers/{peer} is not installed: npm install --prefix tests/peers/{peer}";
        }
        else if (NodePeer.Version < leastVersion)
        {
            Skip = $"tests/peers/{peer} needs Node.js {leastVersion}, and {NodePeer.Version} is installed";
        }
    }

    public string Peer { get; }

    public int LeastVersion { get; }
}
