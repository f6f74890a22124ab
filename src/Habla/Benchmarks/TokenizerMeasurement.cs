namespace Habla.Benchmarks;

/// <summary>What training a byte-level tokenizer on one text and encoding it took. Megabytes are 10⁶ bytes.</summary>
public sealed record TokenizerMeasurement
{
    /// <summary>The file, or "generated".</summary>
    public required string Text { get; init; }

    /// <summary>Bytes of it.</summary>
    public required long Bytes { get; init; }

    /// <summary>Distinct pieces of the split pattern.</summary>
    public required int DistinctWords { get; init; }

    /// <summary>Tokens learned, the 256 bytes included.</summary>
    public required int VocabularySize { get; init; }

    /// <summary>Threads that counted.</summary>
    public required int Threads { get; init; }

    /// <summary>Reading the text and counting its words, in seconds.</summary>
    public required double CountS { get; init; }

    /// <summary>Finding the rules, in seconds, on one thread.</summary>
    public required double MergeS { get; init; }

    /// <summary>Both, in seconds.</summary>
    public double TrainS => CountS + MergeS;

    /// <summary>Most memory the process had had when training was done, in MB; for a second text it is that of both.</summary>
    public required double TrainPeakRssMb { get; init; }

    /// <summary>
    /// Megabytes of text encoded in a second on one thread, the median of several times, each with nothing in the cache.
    /// </summary>
    public required double EncodeMbPerS { get; init; }

    /// <summary>The same in a second of processor time, which is what a core does when no other process wants it.</summary>
    public required double EncodeMbPerSPerCore { get; init; }

    /// <summary>Megabytes of text that ids became in a second of processor time.</summary>
    public required double DecodeMbPerSPerCore { get; init; }

    /// <summary>Bytes a token stands for, over what was encoded.</summary>
    public required double BytesPerToken { get; init; }
}
