using Habla.Storage;

namespace Habla.Tests.Storage;

public sealed class JsonLinesTests : IDisposable
{
    private static readonly JsonLines<Line> s_lines = new("line of a test");

    private readonly TemporaryFolder _folder = new();

    private string LogPath => _folder.In("log.jsonl");

    public void Dispose() => _folder.Dispose();

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(5000)]
    public void Lines_are_read_from_either_end_with_the_position_after_each(int count)
    {
        Write(count);
        File.AppendAllText(LogPath, "{\"number\":");

        (Line Line, long End)[] forwards = [.. s_lines.Read(LogPath)];
        Assert.Equal(Enumerable.Range(1, count), forwards.Select(line => line.Line.Number));
        Assert.Equal(forwards.Reverse().Select(line => (line.Line.Number, line.End)), s_lines.ReadBackwards(LogPath)
            .Select(line => (line.Line!.Number, line.End)));
        byte[] bytes = File.ReadAllBytes(LogPath);
        Assert.All(forwards, line => Assert.Equal((byte)'\n', bytes[line.End - 1]));
        Assert.All(forwards.SkipLast(1).Zip(forwards.Skip(1)), pair =>
            Assert.Equal(pair.Second, s_lines.Read(LogPath, pair.First.End).First()));
    }

    [Fact]
    public void A_line_may_be_longer_than_a_block()
    {
        int[] lengths = [3, 3 * JsonLines<Line>.BlockSize, 0, JsonLines<Line>.BlockSize - 1, 5 * JsonLines<Line>.BlockSize, 1];
        using (JsonLinesFile<Line> file = s_lines.Open(LogPath))
        {
            Array.ForEach(lengths, length => file.Append(new Line(length, new string('x', length))));
        }

        Assert.All(lengths.Zip(s_lines.Read(LogPath)), pair => Assert.Equal(pair.First, pair.Second.Line.Text.Length));
        Assert.Equal(lengths.Reverse(), s_lines.ReadBackwards(LogPath).Select(line => line.Line!.Text.Length));
    }

    [Fact]
    public void Cutting_back_reads_what_is_cut_off_however_long_the_log()
    {
        long[] read = [.. new[] { 2_000, 20_000, 200_000 }.Select(count =>
        {
            Write(count);
            using var stream = new CountingStream(LogPath);
            long tail = s_lines.ReadBackwards(stream, LogPath).Skip(1000).First().End;
            Assert.Equal(count - 1000, s_lines.Read(LogPath).Last(line => line.End <= tail).Line.Number);
            Assert.InRange(stream.BytesRead, 1, new FileInfo(LogPath).Length - tail + (2 * JsonLines<Line>.BlockSize));
            return stream.BytesRead;
        })];
        Assert.True(read[2] <= read[0] + JsonLines<Line>.BlockSize, $"{read[0]} bytes of a short log, {read[2]} of a long one");
    }

    [Fact]
    public void What_is_no_line_is_refused_by_its_number_and_passed_over_from_the_end()
    {
        Write(2);
        File.AppendAllText(LogPath, "\nrubbish\nnull\n");

        string message = Assert.Throws<InvalidInputException>(() => s_lines.Read(LogPath).ToList()).Message;
        Assert.StartsWith($"{LogPath}:3: this line is no line of a test: ", message, StringComparison.Ordinal);
        Assert.Equal([null, null, null, 2, 1], s_lines.ReadBackwards(LogPath).Select(line => line.Line?.Number));
        s_lines.Open(LogPath, line => line.Number < 5).Dispose();
        Assert.Equal([1, 2], s_lines.Read(LogPath).Select(line => line.Line.Number));
    }

    [Fact]
    public void Of_an_open_log_only_whole_lines_are_read_and_it_may_be_flushed_at_any_time()
    {
        JsonLinesFile<Line> file = s_lines.Open(LogPath);
        file.Append(new Line(1, "ñ"));
        Assert.Equal("{\"number\":1,\"text\":\"ñ\"}\n", File.ReadAllText(LogPath));
        file.FlushToDisk();
        file.Dispose();
        file.FlushToDisk();
        file.Dispose();
        Assert.Single(s_lines.Read(LogPath));
    }

    [Fact]
    public void A_file_that_cannot_be_used_is_named()
    {
        string nowhere = Path.Combine(_folder.In("nowhere"), "log.jsonl");
        Assert.StartsWith(nowhere, Assert.Throws<InvalidInputException>(() => s_lines.Open(nowhere)).Message, StringComparison.Ordinal);
        Assert.StartsWith(
            nowhere, Assert.Throws<InvalidInputException>(() => s_lines.Read(nowhere).ToList()).Message, StringComparison.Ordinal);
    }

    private void Write(int count)
    {
        using JsonLinesFile<Line> file = s_lines.Open(LogPath);
        for (int number = 1; number <= count; number++)
        {
            file.Append(new Line(number, "some text"));
        }
    }

    private sealed record Line(int Number, string Text);

    private sealed class CountingStream(string path) : FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, bufferSize: 0)
    {
        public long BytesRead { get; private set; }

        public override int Read(byte[] buffer, int offset, int count) => Counted(base.Read(buffer, offset, count));

        public override int Read(Span<byte> buffer) => Counted(base.Read(buffer));

        private int Counted(int count)
        {
            BytesRead += count;
            return count;
        }
    }
}
