namespace Habla.EndToEnd.Tests.Peers;

/// <summary>A test beside a program that runs on Node.js: skipped where the program could not be installed.</summary>
internal sealed class NodePeerTheoryAttribute : TheoryAttribute
{
    public NodePeerTheoryAttribute(string peer)
    {
        Peer = peer;
        if (!NodePeer.IsInstalled(peer))
        {
            Skip = $"tests/peers/{peer} is not installed: npm install --prefix tests/peers/{peer}";
        }
    }

    public string Peer { get; }
}
