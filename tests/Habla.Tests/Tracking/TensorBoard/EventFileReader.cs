using System.Buffers.Binary;
using Habla.Tracking.TensorBoard;

namespace Habla.Tests.Tracking.TensorBoard;

/// <summary>Reads event files as TensorBoard does, with a checksum of its own, bit by bit.</summary>
internal static class EventFileReader
{
    /// <summary>The events of a file; every frame and checksum is asserted.</summary>
    public static List<Event> Read(string path)
    {
        using var stream = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.ReadWrite);
        byte[] file = new byte[stream.Length];
        stream.ReadExactly(file);
        var events = new List<Event>();
        for (int at = 0; at < file.Length;)
        {
            Assert.True(file.Length - at >= 12, "a whole head");
            int length = checked((int)BinaryPrimitives.ReadUInt64LittleEndian(file.AsSpan(at)));
            Assert.Equal(Masked(file.AsSpan(at, 8)), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 8)));
            Assert.True(file.Length - at >= length + 16, "a whole record");
            ReadOnlySpan<byte> message = file.AsSpan(at + 12, length);
            Assert.Equal(Masked(message), BinaryPrimitives.ReadUInt32LittleEndian(file.AsSpan(at + 12 + length)));
            events.Add(Event.Parser.ParseFrom(message));
            at += length + 16;
        }

        return events;
    }

    /// <summary>The files of a folder in TensorBoard's order.</summary>
    public static string[] Files(string folder) =>
        [.. Directory.GetFiles(folder, "*tfevents*").Order(StringComparer.Ordinal)];

    /// <summary>What TensorBoard shows of a folder: a session start takes away the steps from its own on.</summary>
    public static List<(long Step, string Tag, float Value)> Shown(string folder)
    {
        var shown = new List<(long Step, string Tag, float Value)>();
        foreach (Event read in Files(folder).SelectMany(Read))
        {
            if (read.SessionLog?.Status == SessionLog.Types.SessionStatus.Start)
                shown.RemoveAll(point => point.Step >= read.Step);
            foreach (Summary.Types.Value value in read.Summary?.Value ?? [])
                shown.Add((read.Step, value.Tag, value.SimpleValue));
        }

        return shown;
    }

    private static uint Masked(ReadOnlySpan<byte> bytes)
    {
        uint crc = uint.MaxValue;
        foreach (byte value in bytes)
        {
            crc ^= value;
            for (int bit = 0; bit < 8; bit++)
                crc = (crc & 1) != 0 ? (crc >> 1) ^ 0x82F63B78 : crc >> 1;
        }

        crc = ~crc;
        return ((crc >> 15) | (crc << 17)) + 0xA282EAD8;
    }
}
