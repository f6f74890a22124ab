using Habla.BytePairs;

namespace Habla.Tokenization;

/// <summary>Gathers a vocabulary over bytes from the pieces and pairs that a file names in GPT-2's byte alphabet.</summary>
/// <param name="path">The file, for messages.</param>
/// <param name="added">The tokens that stand for no text; a file may name them among its pieces as well.</param>
internal sealed class ByteLevelParts(string path, IReadOnlyList<AddedToken> added)
{
    private readonly Dictionary<int, AddedToken> _added = added.ToDictionary(token => token.Id);
    private readonly Dictionary<int, byte[]?> _tokens = added.ToDictionary(token => token.Id, _ => (byte[]?)null);
    private readonly Dictionary<string, int> _ids = new(StringComparer.Ordinal);
    private readonly List<ByteMerge> _merges = [];

    public void AddPiece(string piece, int id)
    {
        if (_added.TryGetValue(id, out AddedToken? special))
        {
            _ = special.Content == piece
                ? true
                : throw TokenizerJson.Damaged(path, $"the id {id} is the piece \"{piece}\" and the added token \"{special.Content}\"");
            return;
        }

        if (!ByteAlphabet.TryRead(piece, out byte[] bytes))
        {
            throw TokenizerJson.Damaged(path, $"the piece \"{piece}\" has characters that stand for no byte in GPT-2's byte alphabet");
        }

        if (!_tokens.TryAdd(id, bytes) || !_ids.TryAdd(piece, id))
        {
            throw TokenizerJson.Damaged(path, $"the piece \"{piece}\" or its id {id} stands twice");
        }
    }

    public void AddMerge(string left, string right) => _merges.Add(new ByteMerge(Id(left), Id(right), Id(left + right)));

    public ByteVocabulary ToVocabulary()
    {
        byte[]?[] tokens = new byte[_tokens.Count][];
        for (int id = 0; id < tokens.Length; id++)
        {
            tokens[id] = _tokens.TryGetValue(id, out byte[]? bytes)
                ? bytes
                : throw TokenizerJson.Damaged(path, $"no token has the id {id}; expected each id from 0 to {tokens.Length - 1} once");
        }

        return new ByteVocabulary(tokens, _merges);
    }

    private int Id(string piece) =>
        _ids.TryGetValue(piece, out int id) ? id : throw TokenizerJson.Damaged(path, $"a merge needs the piece \"{piece}\"");
}
