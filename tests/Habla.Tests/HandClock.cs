namespace Habla.Tests;

/// <summary>A clock that stands still until a test moves it.</summary>
internal sealed class HandClock : TimeProvider
{
    /// <summary>Ticks since the test began.</summary>
    public long Now { get; set; }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now;

    public override DateTimeOffset GetUtcNow() => DateTimeOffset.FromUnixTimeMilliseconds(1_700_000_000_250).AddTicks(Now);
}
