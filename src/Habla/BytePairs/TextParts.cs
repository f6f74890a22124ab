namespace Habla.BytePairs;

/// <summary>Hands out text in parts that several threads can count; no piece crosses a part's end.</summary>
internal abstract class TextParts
{
    /// <summary>How much text a part has when it can be cut, in bytes: some milliseconds of work.</summary>
    public const int PartSize = 1 << 18;

    /// <summary>Replaces the parts by the next ones; called by one thread at a time.</summary>
    /// <returns>Whether there were any.</returns>
    public abstract bool Next(Batch batch);

    /// <summary>What one thread counts before it asks for more.</summary>
    public sealed class Batch
    {
        /// <summary>Texts that are counted apart.</summary>
        public List<ReadOnlyMemory<byte>> Parts { get; } = [];

        /// <summary>Room for a source that has to read; only this batch uses it.</summary>
        public byte[] Buffer { get; set; } = [];
    }
}

/// <summary>Documents that are in memory, one at a time: large ones cut, small ones several to a batch.</summary>
internal sealed class DocumentParts(IEnumerator<ReadOnlyMemory<byte>> documents) : TextParts
{
    private ReadOnlyMemory<byte> _rest;

    public override bool Next(Batch batch)
    {
        batch.Parts.Clear();
        for (int size = 0; size < PartSize && (!_rest.IsEmpty || documents.MoveNext());)
        {
            ReadOnlyMemory<byte> text = _rest.IsEmpty ? documents.Current : _rest;
            int cut = text.Length;
            for (long window = PartSize; window < text.Length; window *= 2)
            {
                if (TextBorder.Last(text.Span[..(int)window]) is var border and > 0)
                {
                    cut = border;
                    break;
                }
            }

            batch.Parts.Add(text[..cut]);
            _rest = text[cut..];
            size += cut;
        }

        return batch.Parts.Count > 0;
    }
}

/// <summary>One document that is read as it is counted; only what stands between two borders is ever in memory.</summary>
internal sealed class StreamParts(Stream stream) : TextParts
{
    private byte[] _rest = [];
    private bool _isAtEnd;

    public override bool Next(Batch batch)
    {
        batch.Parts.Clear();
        if (_isAtEnd)
        {
            return false;
        }

        int filled = _rest.Length;
        Grow(batch, Math.Max(PartSize, filled));
        _rest.CopyTo(batch.Buffer, 0);
        for (long size = Math.Max(PartSize, filled); ; size = Math.Min(2L * filled, Array.MaxLength))
        {
            Grow(batch, (int)size);
            filled += stream.ReadAtLeast(batch.Buffer.AsSpan(filled), batch.Buffer.Length - filled, throwOnEndOfStream: false);
            _isAtEnd = filled < batch.Buffer.Length;
            int cut = _isAtEnd ? filled : TextBorder.Last(batch.Buffer.AsSpan(0, filled));
            if (cut > 0 || _isAtEnd)
            {
                _rest = batch.Buffer[cut..filled];
                batch.Parts.Add(batch.Buffer.AsMemory(0, cut));
                return cut > 0;
            }

            if (filled == Array.MaxLength)
            {
                throw new InvalidInputException(
                    "a text has two gigabytes without a border between a word and what follows it; it is no text to train a tokenizer on");
            }
        }
    }

    private static void Grow(Batch batch, int size)
    {
        if (batch.Buffer.Length < size)
        {
            byte[] larger = new byte[size];
            batch.Buffer.CopyTo(larger, 0);
            batch.Buffer = larger;
        }
    }
}
