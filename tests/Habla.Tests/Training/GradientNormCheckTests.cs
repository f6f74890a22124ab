using Habla.Modeling;
using Habla.Training;

namespace Habla.Tests.Training;

public class GradientNormCheckTests
{
    [Fact]
    public void Warns_once_and_not_while_the_run_settles()
    {
        var check = new GradientNormCheck();
        Assert.Null(check.WarningFor(10, 1e6, 1));
        Assert.Null(check.WarningFor(11, 10, 1));
        Assert.StartsWith("the gradient norm is 12.5 at step 12, above 10, clipped to 1: try a lower optimizer.lr_max",
            check.WarningFor(12, 12.5, 1), StringComparison.Ordinal);
        Assert.Null(check.WarningFor(13, 1e6, 1));
    }

    [Fact]
    public void Says_how_to_clip_when_nothing_does() =>
        Assert.Contains("not clipped: set optimizer.clip: 1", new GradientNormCheck().WarningFor(20, 11, 0), StringComparison.Ordinal);

    [Fact]
    public void The_loop_tells_its_listeners()
    {
        using Gpt model = TrainingSamples.Model();
        using Trainer trainer = TrainingSamples.Trainer(model, new SampleBatches(3, 4), steps: 20);
        var heard = new RecordingListener(step =>
        {
            if (step.Step == 12)
            {
                foreach (ref float weight in model.Parameters.Data(model.Parameters["final_norm.weight"]))
                {
                    weight *= 1000;
                }
            }
        });
        trainer.Listeners.Add(heard);
        trainer.Run();
        Assert.Contains(heard.Steps, step => step.Step > 13 && step.GradientNorm > 10);
        Assert.Single(heard.Warnings, warning => warning.StartsWith("the gradient norm is", StringComparison.Ordinal));
    }
}
