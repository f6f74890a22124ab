using System.Text.Json;

namespace Habla.EndToEnd.Tests.Commands;

/// <summary>What the real program expects of itself, held against what it takes.</summary>
[Collection(TrainedRunGroup.Name)]
public sealed class PreflightTests(TrainedRun run)
{
    /// <summary>
    /// A small run is nearly all .NET, which goes on growing after the first steps: without that part the estimate was a third too low.
    /// </summary>
    [Theory]
    [InlineData("scheduler.total_steps=1000")]
    [InlineData("scheduler.total_steps=100", "model.d_model=256", "model.d_ff=1024", "model.n_layer=4")] // the checkpoints' copy counts
    public void The_memory_it_takes_is_near_what_was_expected(params string[] settings)
    {
        string output = run.NewName();
        run.Train(output, [.. settings.SelectMany(one => (string[])["--set", one])]).Expect(0);
        JsonElement preflight = run.Json($"{output}/preflight.json");
        double expected = preflight.GetProperty("memory_mb").GetDouble(), took = preflight.GetProperty("took_memory_mb").GetDouble();
        Assert.InRange(expected / took, 0.8, 1.25);
        Assert.True(preflight.GetProperty("measured_memory_mb").GetDouble() < expected);
    }
}
