using ClipDistributed.TestKit.Processes;

namespace ClipDistributed.Cli.Tests.Commands;

/// <summary>What a user can get wrong: exit code 2, one line each that names the place and the remedy, no stack, nothing half
/// written.</summary>
public sealed class BadInputTests(DemoData demo) : IClassFixture<DemoData>
{
    [Fact]
    public void Train_MissingSpec_NamesThePath() =>
        AssertRefused(
            ["train", "nowhere.yaml"],
            $"error: {demo.Path("nowhere.yaml")}: there is no such spec file; give the path of a YAML or JSON file."
        );

    [Fact]
    public void Train_UnknownField_NamesLineAndKnownFields()
    {
        File.WriteAllText(demo.Path("typo.yaml"), "name: a\nlearning_rate: 3\ndata: {train: [{path: data/train}]}\n");
        AssertRefused(
            ["train", "typo.yaml"],
            "error: typo.yaml:2: learning_rate is not a field of the spec; known here: name, seed, "
                + "data, model, batch, loss, optimizer, samples, precision, augment, checkpoint, evaluate, replicas, limits, run_directory."
        );
    }

    [Fact]
    public void Train_MissingData_NamesTheAbsolutePath() =>
        AssertRefused(["train", "spec.yaml", "--set", "data.train=[{path: nothing}]"], demo.Path("nothing"));

    [Fact]
    public void Train_WrongColumn_ListsTheColumns() =>
        AssertRefused(
            ["train", "spec.yaml", "--set", "data.train=[{path: data/train, caption_column: words}]"],
            "words",
            "image",
            "caption"
        );

    [Fact]
    public void Train_NotParquet_SaysSo()
    {
        Directory.CreateDirectory(demo.Path("broken"));
        File.WriteAllText(demo.Path("broken", "a.parquet"), "this is not a Parquet file at all");
        AssertRefused(["train", "spec.yaml", "--set", "data.train=[{path: broken}]"], demo.Path("broken", "a.parquet"));
    }

    [Theory]
    [InlineData("batch.streams=7", "error: batch.streams is 7, which does not divide batch.global 64; choose a divisor or auto.")]
    [InlineData("model.preset=enormous", "error: model.preset is 'enormous'; known: RN50, RN101, ")]
    public void Train_WrongValue_SaysWhatIsAllowed(string change, string expected) =>
        AssertRefused(["train", "spec.yaml", "--set", change], expected);

    [Fact]
    public void SpecCheck_WithoutData_SaysThatItDidNotLook()
    {
        string[] check = ["spec", "check", "spec.yaml", "--set", "data.train[0].path=nothing"];
        var checkedSpec = Clipd.Run(demo.Folder, check);
        Assert.Equal(
            (
                0,
                "spec.yaml: fine, 24 steps of 64; its data were not looked at (--data does that, and finds out whether there are "
                    + "the 64 pairs that one step needs)\n"
            ),
            (checkedSpec.ExitCode, checkedSpec.Output)
        );
        AssertRefused([.. check, "--data"], demo.Path("nothing"));
        var looked = Clipd.Run(demo.Folder, "spec", "check", "spec.yaml", "--data");
        Assert.Equal(
            (0, "spec.yaml: fine, and so are its data: 1,000 pairs in 1 shard, 24 steps of 64\n"),
            (looked.ExitCode, looked.Output)
        );
    }

    [Theory]
    [InlineData(
        "batch.global=64000",
        "notice: samples is 1536, fewer than batch.global 64000: the run is one step, of 64000 samples",
        "1 step of 64,000; its data were not looked at"
    )]
    [InlineData(
        "optimizer.warmup_steps=24",
        "notice: optimizer.warmup_steps is 24, all of the 24 steps of the run: the learning rate reaches optimizer.lr in the last "
            + "one alone; ",
        "24 steps of 64"
    )]
    [InlineData(
        "optimizer.warmup_steps=25",
        "notice: optimizer.warmup_steps is 25, more than the 24 steps of the run: the learning rate never reaches optimizer.lr; ",
        "24 steps of 64"
    )]
    public void SpecCheck_OddButAllowed_IsNoticed(string change, string notice, string verdict)
    {
        var result = Clipd.Run(demo.Folder, "spec", "check", "spec.yaml", "--set", change);
        Assert.Equal((0, ""), (result.ExitCode, result.Errors));
        Assert.Contains(notice, result.Output, StringComparison.Ordinal);
        Assert.Contains(verdict, result.Output, StringComparison.Ordinal);
    }

    [Fact]
    public void SpecCheck_FewerRowsThanABatch_IsRefusedWithFigures() =>
        AssertRefused(
            ["spec", "check", "spec.yaml", "--data", "--set", "batch.global=64000"],
            "data.train has 1000 rows, fewer than batch.global 64000"
        );

    [Fact]
    public void Train_UnclosedFlow_IsOneLine()
    {
        File.WriteAllText(demo.Path("open.yaml"), "name: a\ndata: {train: [{path: x}, {path: y]}\nloss: softmax\n");
        AssertRefused(["train", "open.yaml"], "error: open.yaml:2: '{' is not closed by '}', or a comma is missing after it.");
    }

    [Fact]
    public void SpecCheck_ModelWhosePatchDoesNotFit_SaysSo()
    {
        File.WriteAllText(
            demo.Path("odd.json"),
            File.ReadAllText(demo.Path("model.json")).Replace("\"patch_size\": 8", "\"patch_size\": 7", StringComparison.Ordinal)
        );
        AssertRefused(["spec", "check", "spec.yaml", "--set", "model.config=odd.json"], "patch_size", "7", "32");
        AssertRefused(["train", "spec.yaml", "--set", "model.config=odd.json"], "patch_size", "7", "32");
    }

    [Fact]
    public void Train_ValidationWithoutLabels_IsFoundBeforeTheFirstStep() =>
        AssertRefused(
            ["train", "spec.yaml", "--set", "run_directory=unlabelled", "--set", "data.validation=[{path: data/train}]"],
            "label"
        );

    [Fact]
    public void Train_MoreMemoryThanThereIs_IsRefusedWithTheArithmetic() =>
        AssertRefused(
            ["train", "spec.yaml", "--set", "run_directory=large", "--memory", "200"],
            "error: the run needs ",
            "200 MiB for it",
            "runtime 520 MiB + ",
            "Lower batch.micro (it is 32)"
        );

    [Fact]
    public void Train_CorrectedAfterARefusal_Starts()
    {
        string[] brief = ["train", "spec.yaml", "--set", "run_directory=corrected", "--set", "samples=64"];
        File.WriteAllText(demo.Path("empty.txt"), "");
        AssertRefused([.. brief, "--set", "evaluate.zeroshot.classes=empty.txt"], "empty.txt has no lines");
        Assert.Equal(0, Clipd.Run(demo.Folder, brief).ExitCode);
    }

    [Fact]
    public void Train_BatchAboveRows_SaysBoth() => AssertRefused(["train", "spec.yaml", "--set", "batch.global=4096"], "4096", "1000");

    [Fact]
    public void Train_ReadAheadTooSmall_ShowsTheArithmetic() =>
        AssertRefused(["train", "spec.yaml", "--set", "limits.read_ahead_bytes=1000"], "limits.read_ahead_bytes");

    [Fact]
    public void Train_UnwritableRunDirectory_SaysSo() =>
        AssertRefused(["train", "spec.yaml", "--set", "run_directory=/proc/run"], "error: run_directory /proc/run cannot be written: ");

    [Fact]
    public void Train_DirectoryOfAnotherRun_OffersResume()
    {
        string[] brief = ["train", "spec.yaml", "--set", "run_directory=taken", "--set", "samples=64", "--set", "evaluate.every_steps=0"];
        Assert.Equal(0, Clipd.Run(demo.Folder, brief).ExitCode);
        AssertRefused(
            brief,
            $"error: {demo.Path("taken")} already holds the run 'test'; add --resume to go on with it, or choose another run_directory."
        );
        AssertRefused([.. brief, "--resume", "--set", "optimizer.lr=0.5"], "optimizer.lr is 0.5; the run began with 0.002.");
    }

    [Theory]
    [InlineData("spec.yaml", "1")]
    [InlineData("report.html", "2")]
    [InlineData("coordinator/notes.txt", "2")]
    public void Train_IntoAFolderOfTheUser_IsRefusedAndChangesNothing(string name, string replicas)
    {
        string folder = demo.Path($"mine-{replicas}-{Path.GetFileName(name)}"), file = Path.Combine(folder, name);
        Directory.CreateDirectory(Path.GetDirectoryName(file)!);
        File.WriteAllText(file, "mine");
        AssertRefused(
            ["train", "spec.yaml", "--set", $"run_directory={folder}", "--replicas", replicas],
            $"error: run_directory {folder} holds ", name.Split('/')[0], "choose another run_directory");
        Assert.Equal("mine", File.ReadAllText(file));
        Assert.Equal([file], Directory.EnumerateFiles(folder, "*", SearchOption.AllDirectories));
    }

    [Fact]
    public void Train_TokenizerOfAnotherSize_SaysBothSizes()
    {
        string[] brief = ["train", "spec.yaml", "--set", "run_directory=vocabulary", "--set", "samples=64"];
        Assert.Equal(0, Clipd.Run(demo.Folder, brief).ExitCode);
        AssertRefused(
            ["train", "spec.yaml", "--set", "run_directory=other", "--set", "model={preset: small, tokenizer: vocabulary/tokenizer.json}"],
            "512",
            "8192"
        );
        Assert.False(File.Exists(demo.Path("other", "run.json")));
    }

    [Fact]
    public void Eval_NoModelFolder_SaysWhatIsMissing() =>
        AssertRefused(
            [
                "eval",
                "zeroshot",
                "--model",
                "data",
                "--data",
                "data/seen",
                "--classes",
                "data/classes.txt",
                "--templates",
                "data/templates.txt",
            ],
            $"error: {demo.Path("data")} is not a model folder: it has neither open_clip_config.json (OpenCLIP) nor config.json "
                + $"(Hugging Face)."
        );

    [Fact]
    public void UnknownCommand_PointsToHelp()
    {
        var result = Clipd.Run(demo.Folder, "trian");
        Assert.Equal(2, result.ExitCode);
        Assert.Equal("Try: clipd --help", result.ErrorLines[^1]);
    }

    private void AssertRefused(string[] arguments, params string[] expected)
    {
        var result = Clipd.Run(demo.Folder, arguments);
        Assert.Equal(2, result.ExitCode);
        string line = Assert.Single(result.ErrorLines);
        Assert.All(expected, part => Assert.Contains(part, line, StringComparison.Ordinal));
    }
}
