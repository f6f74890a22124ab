namespace Habla.Tokenization;

/// <summary>Which added tokens have a part to play, found by the names that tokenizers give them; -1 for those that are missing.</summary>
/// <param name="Pad">Fills a sequence up.</param>
/// <param name="Bos">Begins a sequence.</param>
/// <param name="Eos">Ends a sequence.</param>
/// <param name="Unknown">Stands for a character outside the alphabet.</param>
internal readonly record struct SpecialIds(int Pad, int Bos, int Eos, int Unknown)
{
    // GPT-2 has one token between documents, which ends the one before and begins the one behind.
    private static readonly string[] _padNames = [SpecialTokens.Pad, "[PAD]", "<|pad|>", "<|finetune_right_pad_id|>"];
    private static readonly string[] _bosNames = [SpecialTokens.Bos, "<s>", "<|begin_of_text|>", "<|bos|>", "<|endoftext|>"];
    private static readonly string[] _eosNames = [SpecialTokens.Eos, "</s>", "<|end_of_text|>", "<|eos|>", "<|endoftext|>"];

    public static SpecialIds Of(IReadOnlyList<AddedToken> tokens) => new(
        Find(tokens, _padNames), Find(tokens, _bosNames), Find(tokens, _eosNames), Find(tokens, [SpecialTokens.Unknown]));

    private static int Find(IReadOnlyList<AddedToken> tokens, string[] names) => names
        .Select(name => tokens.FirstOrDefault(token => token.Content == name)?.Id ?? -1)
        .FirstOrDefault(id => id >= 0, -1);
}
