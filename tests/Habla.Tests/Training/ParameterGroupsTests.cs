using Habla.Modeling;
using Habla.Tensors;
using Habla.Training;

namespace Habla.Tests.Training;

public class ParameterGroupsTests
{
    [Fact]
    public void A_parameter_belongs_to_the_first_group_that_matches_its_name()
    {
        using Gpt model = TrainingSamples.Model();
        IReadOnlyList<ResolvedGroup> groups = Resolve(
            model, new("blocks.0.attention.*", 0.5, 0), new("blocks.?.attention.key.weight", 2), new("*.bias", 1, 0.3));
        Assert.All(groups[0].Parameters, name => Assert.StartsWith("blocks.0.attention.", name, StringComparison.Ordinal));
        Assert.Equal(["blocks.1.attention.key.weight"], groups[1].Parameters);
        Assert.Equal(
            model.Parameters.Parameters.Select(parameter => parameter.Name).Where(name => name.EndsWith(".bias", StringComparison.Ordinal)),
            groups[2].Parameters);
        Assert.Equal([(0.5, 0.0), (2, 0.1), (1, 0.3)], groups.Select(group => (group.LearningRateScale, group.WeightDecay)));
        Assert.Equal(model.Parameters["blocks.1.attention.key.weight"].Shape.Count, groups[1].Count);
    }

    [Fact]
    public void A_group_without_a_parameter_is_an_error_that_says_why()
    {
        using Gpt model = TrainingSamples.Model();
        Assert.StartsWith(
            "optimizer.groups: layers.* matches no parameter; their names are such as token_embedding",
            Assert.ThrowsAny<InvalidInputException>(() => Resolve(model, new ParameterGroup("layers.*"))).Message,
            StringComparison.Ordinal);
        Assert.StartsWith(
            "optimizer.groups: every parameter that blocks.0.* matches belongs to a group before it",
            Assert.ThrowsAny<InvalidInputException>(() => Resolve(model, new("blocks.*"), new("blocks.0.*"))).Message,
            StringComparison.Ordinal);
    }

    [Fact]
    public void A_frozen_group_stays_and_the_others_learn_as_they_would()
    {
        using Gpt model = TrainingSamples.Model(), plain = TrainingSamples.Model(), start = TrainingSamples.Model();
        Step(model, new ParameterGroup("blocks.*.attention.*", LearningRateScale: 0));
        Step(plain);
        foreach (Parameter parameter in model.Parameters.Parameters)
        {
            bool frozen = parameter.Name.Contains(".attention.", StringComparison.Ordinal);
            Gpt expected = frozen ? start : plain;
            Assert.Equal(
                TrainingSamples.Bits(expected.Parameters.Data(expected.Parameters[parameter.Name]).ToArray()),
                TrainingSamples.Bits(model.Parameters.Data(parameter).ToArray()));
        }
    }

    [Fact]
    public void A_group_with_the_rates_of_all_changes_no_bit()
    {
        using Gpt model = TrainingSamples.Model(), plain = TrainingSamples.Model();
        Step(model, new ParameterGroup("blocks.*", 1, 0.1));
        Step(plain);
        Assert.Equal(TrainingSamples.Bits(TrainingSamples.Weights(plain)), TrainingSamples.Bits(TrainingSamples.Weights(model)));
    }

    [Fact]
    public void A_decay_of_its_own_reaches_weights_and_neither_norms_nor_biases()
    {
        using Gpt model = TrainingSamples.Model(), plain = TrainingSamples.Model();
        Step(model, new ParameterGroup("*", WeightDecay: 10));
        Step(plain);
        Assert.All(model.Parameters.Parameters, parameter => Assert.Equal(
            parameter.Kind != ParameterKind.Weight,
            plain.Parameters.Data(plain.Parameters[parameter.Name]).SequenceEqual(model.Parameters.Data(parameter))));
    }

    [Theory]
    [InlineData("", 1, null)]
    [InlineData("a", -1, null)]
    [InlineData("a", 1, 11.0)]
    public void Impossible_groups_are_refused(string match, double scale, double? decay) => Assert.StartsWith(
        "optimizer.groups",
        Assert.ThrowsAny<InvalidInputException>(
            new OptimizerOptions { Groups = new(new ParameterGroup(match, scale, decay)) }.Validate).Message, StringComparison.Ordinal);

    [Fact]
    public void Lists_with_equal_groups_are_equal()
    {
        ParameterGroups first = new(new ParameterGroup("a", 2)), same = new(new ParameterGroup("a", 2)),
            other = new(new ParameterGroup("a", 3));
        Assert.Equal(new OptimizerOptions { Groups = first }, new OptimizerOptions { Groups = same });
        Assert.Equal(first.GetHashCode(), same.GetHashCode());
        Assert.False(first.Equals(other));
        Assert.False(first.Equals(ParameterGroups.None));
    }

    private static IReadOnlyList<ResolvedGroup> Resolve(Gpt model, params ParameterGroup[] groups) =>
        ResolvedGroup.Resolve(model.Parameters, new OptimizerOptions { Groups = new(groups) });

    private static void Step(Gpt model, params ParameterGroup[] groups)
    {
        using var trainer = new Trainer(
            model, new SampleBatches(3, 4), new TrainingOptions { BatchSize = 4 },
            new OptimizerOptions { MaximumLearningRate = 0.01, Groups = new(groups) },
                new SchedulerOptions { WarmupSteps = 0, TotalSteps = 9 });
        trainer.Step();
    }
}
