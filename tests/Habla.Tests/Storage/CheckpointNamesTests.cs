using Habla.Storage;

namespace Habla.Tests.Storage;

public class CheckpointNamesTests
{
    [Theory]
    [InlineData("last", true, null)]
    [InlineData("best", true, null)]
    [InlineData("diverged", true, null)]
    [InlineData("step-0", true, 0)]
    [InlineData("step-2147483647", true, int.MaxValue)]
    [InlineData("step-2147483648", false, null)]
    [InlineData("step-", false, null)]
    [InlineData("step--5", false, null)]
    [InlineData("step-+5", false, null)]
    [InlineData("step- 5", false, null)]
    [InlineData("step-seven", false, null)]
    [InlineData("Last", false, null)]
    [InlineData("last.partial", false, null)]
    [InlineData("", false, null)]
    public void Only_names_that_a_run_gives_are_checkpoints(string name, bool isName, int? step)
    {
        Assert.Equal(isName, CheckpointNames.IsName(name));
        Assert.Equal(step, CheckpointNames.StepOf(name));
    }

    [Theory]
    [InlineData("last", "last")]
    [InlineData("last.partial", "last")]
    [InlineData("step-7.replaced", "step-7")]
    [InlineData("last.other", "last.other")]
    public void A_passing_name_tells_the_proper_one(string name, string proper) =>
        Assert.Equal(proper, CheckpointNames.WithoutSuffix(name));

    [Fact]
    public void A_step_and_its_name_belong_together() => Assert.Equal(12345, CheckpointNames.StepOf(CheckpointNames.OfStep(12345)));
}
