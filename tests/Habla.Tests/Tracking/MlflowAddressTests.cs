using Habla.Tracking;

namespace Habla.Tests.Tracking;

public sealed class MlflowAddressTests
{
    [Theory]
    [InlineData("localhost:5000")]
    [InlineData("127.0.0.1:5000/")]
    [InlineData("[::1]:80")]
    [InlineData("mlflow.example.org:5000/path")]
    public void AServerWithoutHttpIsNotTakenForAFolder(string typed)
    {
        string problem = MlflowAddress.Problem(typed)!;

        Assert.Contains($"http://{typed}", problem, StringComparison.Ordinal);
        Assert.Null(MlflowAddress.Problem($"http://{typed}"));
        Assert.Null(MlflowAddress.Problem($"./{typed}"));
    }

    [Theory]
    [InlineData("mlruns")]
    [InlineData("file:5000")]
    [InlineData("/srv/mlruns:2")]
    [InlineData("runs:old")]
    public void AFolderStaysOne(string typed) => Assert.Null(MlflowAddress.Problem(typed));
}
