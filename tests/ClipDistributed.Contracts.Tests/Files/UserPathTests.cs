using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Files;
using ClipDistributed.Contracts.Spec;
using ClipDistributed.Contracts.Spec.V1;
using CsCheck;

namespace ClipDistributed.Contracts.Tests.Files;

public sealed class UserPathTests : IDisposable
{
    private const string Name = "CLIPD_TEST_FOLDER";

    private readonly string folder = Directory.CreateTempSubdirectory("clipd-paths-").FullName;

    public UserPathTests() => Environment.SetEnvironmentVariable(Name, folder);

    public void Dispose()
    {
        Environment.SetEnvironmentVariable(Name, null);
        Directory.Delete(folder, recursive: true);
    }

    [Theory]
    [InlineData("s3://bucket/runs")]
    [InlineData("S3://bucket/runs")]
    [InlineData("s3:/bucket/runs")] // cleaned by Path.GetFullPath or a shell script
    [InlineData("file:///data/runs")]
    [InlineData("https://example.org/a.parquet")]
    [InlineData("hf://datasets/x")]
    [InlineData(" gs://bucket")]
    [InlineData("~somebody/runs")]
    [InlineData("$CLIPD_TEST_UNSET/runs")]
    [InlineData("${CLIPD_TEST_UNSET}/runs")]
    [InlineData("${CLIPD_TEST_FOLDER:-/tmp}/runs")]
    [InlineData("${}/runs")]
    [InlineData("${CLIPD_TEST_FOLDER")]
    [InlineData("$(pwd)/runs")]
    [InlineData("runs\0")]
    [InlineData("runs\n")]
    [InlineData("runs ")]
    public void Expand_WhatIsNoLocalPath_IsRefusedInOneLine(string path)
    {
        string error = Assert.Single(Assert.Throws<BadInputException>(() => UserPath.Expand(path, "run_directory")).Errors);
        Assert.StartsWith("run_directory is '", error, StringComparison.Ordinal);
        Assert.DoesNotContain(error, char.IsControl);
    }

    [Fact]
    public void Expand_HomeAndVariables_AreWhatAShellGives()
    {
        string home = Environment.GetEnvironmentVariable("HOME")!;
        Assert.Equal($"{home}/runs", UserPath.Expand("~/runs", "x"));
        Assert.Equal(home, UserPath.Expand("~", "x"));
        Assert.Equal($"{folder}/runs", UserPath.Expand($"${Name}/runs", "x"));
        Assert.Equal($"/a{folder}-b", UserPath.Expand($"/a${{{Name}}}-b", "x"));
        Assert.Equal($"{home}/x{folder}", UserPath.Expand($"~/x${Name}", "x"));
    }

    [Theory]
    [InlineData("")]
    [InlineData("runs/demo")]
    [InlineData("./s3:/x")]
    [InlineData("./~x")]
    [InlineData("a~b")]
    [InlineData("price-$5")]
    [InlineData("a:b/c")]
    [InlineData("größe ö/x")]
    public void Expand_OtherPaths_StayAsTheyAre(string path) => Assert.Equal(path, UserPath.Expand(path, "x"));

    [Fact]
    public void Expand_FileOfThatVeryName_IsThatFile()
    {
        foreach (string name in new[] { "a$HOME.png", "~$lock.png", " x " })
        {
            string file = Path.Combine(folder, name);
            File.WriteAllText(file, "");
            Assert.Equal(file, UserPath.Expand(file, "x"));
        }
    }

    [Fact]
    public void Expand_AnyText_IsAPathOrRefused() => Gen.String[Gen.Char["~$/{}():a. \\\0é"], 0, 12].Sample(text =>
    {
        try
        {
            string path = UserPath.Absolute(text, "key");
            Assert.True(path == "" ? text == "" : Path.IsPathRooted(path));
        }
        catch (BadInputException refused)
        {
            Assert.StartsWith("key is '", Assert.Single(refused.Errors), StringComparison.Ordinal);
        }
    }, iter: 2000);

    [Fact]
    public void Check_EveryPathOfASpec_IsExpandedAlike()
    {
        var spec = Full("~/x");
        SpecPaths.MakeAbsolute(spec);
        Assert.All(SpecPaths.Of(spec), path => Assert.Equal(Environment.GetEnvironmentVariable("HOME") + "/x", path.Path));
        string[] refused = [.. Assert.Throws<BadInputException>(() => SpecValidator.CheckWithModelConfig(Full("s3://b/x"))).Errors];
        Assert.Equal(
            [
                "run_directory",
                "data.train[0].path",
                "data.validation[0].path",
                "evaluate.zeroshot.classes",
                "evaluate.zeroshot.templates",
                "model.init_from",
                "model.tokenizer",
                "model.config",
            ],
            refused.Select(error => error.Split(' ')[0])
        );
    }

    private static TrainingSpec Full(string path) => new()
    {
        RunDirectory = path,
        Data = new DataSpec { Train = { new SourceSpec { Path = path } }, Validation = { new SourceSpec { Path = path } } },
        Model = new ModelSpec { InitFrom = path, Tokenizer = path, Config = path },
        Evaluate = new EvaluateSpec { Zeroshot = new ZeroshotSpec { Classes = path, Templates = path } },
    };
}
