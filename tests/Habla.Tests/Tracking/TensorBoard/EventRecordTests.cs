using System.Text;
using Habla.Tracking.TensorBoard;

namespace Habla.Tests.Tracking.TensorBoard;

public class EventRecordTests
{
    /// <summary>The check value of the algorithm and the vectors of RFC 3720, B.4.</summary>
    [Fact]
    public void The_checksum_is_the_published_one()
    {
        Assert.Equal(0xE3069283u, EventRecord.Checksum("123456789"u8));
        Assert.Equal(0x8A9136AAu, EventRecord.Checksum(new byte[32]));
        Assert.Equal(0x62A8AB43u, EventRecord.Checksum([.. Enumerable.Repeat((byte)0xFF, 32)]));
        Assert.Equal(0x46DD794Eu, EventRecord.Checksum([.. Enumerable.Range(0, 32).Select(i => (byte)i)]));
        Assert.Equal(0u, EventRecord.Checksum([]));
    }

    /// <summary>TensorFlow's event files begin with these twelve bytes: a message of 24 with the time and the version.</summary>
    [Fact]
    public void A_frame_begins_as_tensorflows_do()
    {
        using var stream = new MemoryStream();
        EventRecord.Write(stream, Encoding.ASCII.GetBytes("a message of 24 letters!"));
        Assert.Equal(24 + EventRecord.FrameBytes, stream.Length);
        Assert.Equal("1800000000000000A37F4B22", Convert.ToHexString(stream.ToArray().AsSpan(0, 12)));
    }
}
