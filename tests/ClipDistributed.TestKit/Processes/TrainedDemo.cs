namespace ClipDistributed.TestKit.Processes;

/// <summary>A run of two steps, whose checkpoint is a model to use; made once for a class of tests.</summary>
public sealed class TrainedDemo : IDisposable
{
    private readonly DemoData demo = new();

    public TrainedDemo()
    {
        var trained = Clipd.Run(demo.Folder, "train", "spec.yaml", "--set", "samples=128", "--threads", "1");
        Assert.True(trained.ExitCode == 0, trained.Errors);
    }

    public string Folder => demo.Folder;

    /// <summary>The checkpoint, from <see cref="Folder"/>.</summary>
    public string Model => "run/checkpoints/attempt-01/step-00000002";

    public string Path(params string[] parts) => demo.Path(parts);

    /// <summary>Runs a command that uses the model.</summary>
    public ClipdResult Run(params string[] arguments) => Clipd.Run(Folder, [.. arguments, "--model", Model, "--threads", "1"]);

    public void Dispose() => demo.Dispose();
}
