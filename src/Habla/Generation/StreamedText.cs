using System.Runtime.InteropServices;
using System.Text;

namespace Habla.Generation;

/// <summary>
/// Bytes in, as tokens bring them; text out, in whole characters. What may be the beginning of a stop string is held back until it is
/// decided, so that nothing ever has to be taken back.
/// </summary>
/// <remarks>All pieces together are what decoding all bytes at once gives: bytes that are no UTF-8 become U+FFFD.</remarks>
public sealed class StreamedText
{
    private readonly StopText[] _stops;
    private readonly List<byte> _held = [];
    private readonly Decoder _decoder = new UTF8Encoding(encoderShouldEmitUTF8Identifier: false, throwOnInvalidBytes: false).GetDecoder();

    /// <summary>An empty text.</summary>
    /// <param name="stopTexts">Strings that end it; none is empty.</param>
    public StreamedText(IEnumerable<string> stopTexts)
    {
        ArgumentNullException.ThrowIfNull(stopTexts);
        _stops = [.. stopTexts.Select(text => new StopText(text))];
    }

    /// <summary>Whether a stop string has come.</summary>
    public bool IsStopped { get; private set; }

    /// <summary>How many bytes have come; once the text is stopped, how many came before the stop string.</summary>
    public long ByteCount { get; private set; }

    /// <summary>Adds bytes.</summary>
    /// <param name="bytes">Those of a token; what follows a stop string in them is dropped.</param>
    /// <returns>The text that is decided now; often empty.</returns>
    public string Add(ReadOnlySpan<byte> bytes)
    {
        for (int i = 0; i < bytes.Length && !IsStopped; i++)
        {
            See(bytes[i]);
        }

        int undecided = 0;
        foreach (StopText stop in _stops)
        {
            undecided = IsStopped ? 0 : Math.Max(undecided, stop.Matched);
        }

        return Release(_held.Count - undecided, flush: IsStopped);
    }

    /// <summary>Ends the text: what was held back is part of it.</summary>
    /// <returns>The rest.</returns>
    public string Finish() => Release(_held.Count, flush: true);

    private void See(byte next)
    {
        _held.Add(next);
        ByteCount++;
        int stopLength = 0;
        foreach (StopText stop in _stops)
        {
            stop.See(next);
            stopLength = stop.IsThere ? Math.Max(stopLength, stop.Length) : stopLength;
        }

        if (stopLength > 0)
        {
            IsStopped = true;
            ByteCount -= stopLength;
            _held.RemoveRange(_held.Count - stopLength, stopLength);
        }
    }

    private string Release(int count, bool flush)
    {
        ReadOnlySpan<byte> bytes = CollectionsMarshal.AsSpan(_held)[..count];
        Span<char> characters = new char[_decoder.GetCharCount(bytes, flush)];
        int written = _decoder.GetChars(bytes, characters, flush);
        _held.RemoveRange(0, count);
        return new string(characters[..written]);
    }
}
