using Habla.Tracking;
using Habla.Tracking.Mlflow;

namespace Habla.Tests.Tracking.Mlflow;

public class MlflowLimitsTests
{
    [Theory]
    [InlineData("model.n_layer", "model.n_layer")]
    [InlineData("loss/train - a", "loss/train - a")]
    [InlineData("pérdida%", "p_rdida_")]
    [InlineData("😀", "_")]
    [InlineData("/a//b/../c/.", "_/a/_/b/_/c/_")]
    [InlineData("..", "_")]
    [InlineData("", "_")]
    public void A_name_becomes_a_key_that_servers_take(string name, string key) => Assert.Equal(key, MlflowLimits.Key(name));

    [Fact]
    public void A_long_name_is_cut()
    {
        Assert.Equal(new string('k', 250), MlflowLimits.Key(new string('k', 251)));
        Assert.InRange(MlflowLimits.Key(new string('/', 300)).Length, 1, 250);
    }

    [Fact]
    public void A_long_value_is_cut_between_characters_with_a_mark()
    {
        Assert.Equal("0123456789ABC", MlflowLimits.Value("0123456789ABC", 13));
        Assert.Equal("0123... (cut)", MlflowLimits.Value("0123456789ABCD", 13));
        Assert.Equal("012... (cut)", MlflowLimits.Value("012😀0123456789", 13));
    }

    [Fact]
    public void A_batch_takes_no_more_than_servers_do()
    {
        var batch = new MlflowBatch();
        Assert.Equal(100, Fill(() => batch.TryAdd(new MlflowParam("p", "v"))));
        Assert.Equal(100, Fill(() => batch.TryAdd(new MlflowTag("t", "v"))));
        Assert.Equal(800, Fill(() => batch.TryAdd(new MlflowMetric("m", 1, 1, 1))));
        Assert.Equal(1000, batch.Count);
        batch.Clear();
        Assert.Equal(1000, Fill(() => batch.TryAdd(new MlflowMetric("m", 1, 1, 1))));
        batch.Clear();
        Assert.Equal(27, Fill(() => batch.TryAdd(new MlflowParam("p", new string('ñ', 6000))))); // 36,000 bytes each
    }

    [Fact]
    public void Halves_have_every_entry_once_and_in_order()
    {
        var batch = new MlflowBatch();
        Enumerable.Range(0, 5).ToList().ForEach(step => batch.TryAdd(new MlflowMetric("m", 1, 1, step)));
        batch.TryAdd(new MlflowParam("p", "v"));
        batch.TryAdd(new MlflowTag("t", "v"));
        MlflowBatch[] halves = [.. batch.Halves()];

        Assert.Equal([3, 4], halves.Select(half => half.Count));
        Assert.Equal(batch.Metrics, halves.SelectMany(half => half.Metrics));
        Assert.Equal(batch.Params, halves.SelectMany(half => half.Params));
        Assert.Equal(batch.Tags, halves.SelectMany(half => half.Tags));
    }

    [Theory]
    [InlineData("http://localhost:5000", null)]
    [InlineData("https://host/mlflow/", null)]
    [InlineData("mlruns", null)]
    [InlineData("file:mlruns", null)]
    [InlineData("file:///tmp/mlruns", null)]
    [InlineData("sqlite:///mlflow.db", "sqlite: is no store that Habla can write to")]
    [InlineData("databricks://profile", "databricks: is no store")]
    [InlineData("http://", "is no address")]
    [InlineData("file://host/mlruns", "is on another machine")]
    [InlineData("http://me:secret@host", "MLFLOW_TRACKING_PASSWORD")]
    public void An_address_is_a_server_or_a_folder(string uri, string? problem)
    {
        var options = new TrackingOptions { MlflowUri = uri };
        if (problem is null)
        {
            options.Validate();
        }
        else
        {
            InvalidInputException error = Assert.Throws<InvalidOptionException>(options.Validate);
            Assert.StartsWith("tracking.mlflow.uri: ", error.Message, StringComparison.Ordinal);
            Assert.Contains(problem, error.Message, StringComparison.Ordinal);
            Assert.DoesNotContain("secret", error.Message, StringComparison.Ordinal);
        }
    }

    [Fact]
    public void A_folder_is_kept_as_an_absolute_path_and_a_server_as_it_is()
    {
        Assert.Equal(Path.GetFullPath("mlruns"), MlflowAddress.Resolve("mlruns"));
        Assert.Equal(Path.GetFullPath("mlruns"), MlflowAddress.Resolve("file:mlruns"));
        Assert.Equal("/tmp/a b", MlflowAddress.Resolve("file:///tmp/a%20b"));
        Assert.Equal("http://host/mlflow", MlflowAddress.Resolve("http://host/mlflow/"));
    }

    [Theory]
    [InlineData("")]
    [InlineData(" ")]
    public void An_experiment_has_a_name(string name) =>
        Assert.Throws<InvalidOptionException>(() => new TrackingOptions { MlflowExperiment = name }.Validate());

    private static int Fill(Func<bool> add)
    {
        int count = 0;
        while (add())
        {
            count++;
        }

        return count;
    }
}
