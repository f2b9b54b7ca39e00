namespace ClipDistributed.TestKit.Processes;

/// <summary>A run of two steps, whose checkpoint is a model to use; made when the first test asks for it.</summary>
public sealed class TrainedDemo : IDisposable
{
    private readonly Lazy<DemoData> demo = new(Train);

    public string Folder => demo.Value.Folder;

    /// <summary>The checkpoint, from <see cref="Folder"/>.</summary>
    public string Model => "run/checkpoints/attempt-01/step-00000002";

    public string Path(params string[] parts) => demo.Value.Path(parts);

    /// <summary>Runs a command that uses the model.</summary>
    public ClipdResult Run(params string[] arguments) => Clipd.Run(Folder, [.. arguments, "--model", Model, "--threads", "1"]);

    public void Dispose()
    {
        if (demo.IsValueCreated)
            demo.Value.Dispose();
    }

    private static DemoData Train()
    {
        var demo = new DemoData();
        var trained = Clipd.Run(demo.Folder, "train", "spec.yaml", "--set", "samples=128", "--threads", "1");
        Assert.True(trained.ExitCode == 0, trained.Errors);
        return demo;
    }
}
