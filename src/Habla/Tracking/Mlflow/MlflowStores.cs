namespace Habla.Tracking.Mlflow;

/// <summary>Which store an address means.</summary>
internal static class MlflowStores
{
    /// <summary>The store at an address.</summary>
    /// <param name="uri">What <see cref="MlflowAddress.Resolve"/> gave.</param>
    /// <param name="options">How patient to be with a server.</param>
    /// <param name="time">The clock.</param>
    public static IMlflowStore Open(string uri, MlflowOptions options, TimeProvider time) =>
        MlflowAddress.IsServer(uri) ? new MlflowClient(uri, options) : new MlflowFileStore(uri, time);
}
