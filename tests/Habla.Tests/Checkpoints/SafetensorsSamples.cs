using System.Buffers.Binary;
using System.Text;
using Habla.Checkpoints;

namespace Habla.Tests.Checkpoints;

/// <summary>Files made for the tests: sound ones by the writer, unsound ones by hand.</summary>
internal static class SafetensorsSamples
{
    public static byte[] TwoTensors()
    {
        using var stream = new MemoryStream();
        SafetensorsWriter.Write(
            stream,
            [
                SafetensorsEntry.Of("tok.weight", [2, 3], new float[] { 0, 1, 2, 3, 4, 5 }),
                SafetensorsEntry.Of("norm.bias", [2], new float[] { -1, 0.5f }),
            ],
            new Dictionary<string, string> { ["version"] = "1", ["family"] = "minigpt" });
        return stream.ToArray();
    }

    public static byte[] ByHand(string header, int dataBytes) => ByHand(Encoding.UTF8.GetBytes(header), dataBytes);

    public static byte[] ByHand(byte[] header, int dataBytes)
    {
        byte[] file = new byte[8 + header.Length + dataBytes];
        BinaryPrimitives.WriteUInt64LittleEndian(file, (ulong)header.Length);
        header.CopyTo(file, 8);
        return file;
    }

    public static SafetensorsFile Open(byte[] file) => SafetensorsFile.Open(new MemoryStream(file), "sample.safetensors");
}
