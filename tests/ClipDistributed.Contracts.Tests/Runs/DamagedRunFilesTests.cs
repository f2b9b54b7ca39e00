using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.TestKit.Mutations;
using CsCheck;

namespace ClipDistributed.Contracts.Tests.Runs;

/// <summary>Files of a run directory that something has damaged: one line that names the file, or values that make sense.</summary>
public sealed class DamagedRunFilesTests : IDisposable
{
    private readonly string folder = Directory.CreateTempSubdirectory("clipd-damaged-").FullName;

    private string State => Path.Combine(folder, "run.json");

    public void Dispose() => Directory.Delete(folder, recursive: true);

    [Theory]
    [InlineData("", "it is empty")]
    [InlineData("null", "it holds null")]
    [InlineData("[]", "line 1")]
    [InlineData("{", "line 1")]
    [InlineData("{}", "line 1")]
    [InlineData("\0\0\0\0", "line 1")]
    [InlineData("{\"name\": null}", "line 1")]
    [InlineData("{\"name\": \"a\", \"attempts\": null}", "line 1")]
    [InlineData("{\"name\": \"a\", \"attempts\": [null]}", "attempts[0]")]
    [InlineData("{\"name\": \"a\", \"attempts\": [{\"number\": 2, \"from_attempt\": 0, \"from_step\": 0}]}", "attempts[0]")]
    [InlineData("{\"name\": \"a\", \"attempts\": [{\"number\": 1, \"from_attempt\": 1, \"from_step\": 0}]}", "attempts[0]")]
    [InlineData("{\"name\": \"a\", \"seconds\": -1}", "below 0")]
    [InlineData("{\"name\": \"a\", \"micro_batch\": -8}", "below 0")]
    [InlineData("{\"name\": \"a\", \"threads\": 5000000000}", "$.threads")]
    [InlineData("{\"name\": 7}", "$.name")]
    public void Load_DamagedState_IsOneLineWithFileAndRemedy(string content, string said)
    {
        File.WriteAllText(State, content);
        string error = Assert.Single(Assert.Throws<BadInputException>(() => RunInfo.Load(State)).Errors);
        Assert.StartsWith($"{State} is damaged (", error, StringComparison.Ordinal);
        Assert.Contains(said, error, StringComparison.Ordinal);
        Assert.EndsWith(
            "restore it from a copy, or begin another run with its newest checkpoint as model.init_from.",
            error,
            StringComparison.Ordinal
        );
        Assert.DoesNotContain('\n', error);
    }

    [Fact]
    public void Load_StateThatIsNoFile_IsRefused()
    {
        Assert.Contains("does not exist", Assert.Throws<BadInputException>(() => RunInfo.Load(State)).Message, StringComparison.Ordinal);
        Directory.CreateDirectory(State);
        Assert.Contains("is a folder", Assert.Throws<BadInputException>(() => RunInfo.Load(State)).Message, StringComparison.Ordinal);
        Assert.Contains("is a device", Assert.Throws<BadInputException>(() => RunInfo.Load("/dev/zero")).Message, StringComparison.Ordinal);
        string large = Path.Combine(folder, "large");
        using (var file = File.Create(large))
            file.SetLength(1L << 40);
        Assert.Contains("bytes are read", Assert.Throws<BadInputException>(() => RunInfo.Load(large)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_AnyDamage_IsRefusedOrMakesSense()
    {
        new RunInfo
        {
            Name = "demo",
            Id = "a1",
            Seconds = 3.5,
            Attempts = [new RunAttempt(1, 0, 0), new RunAttempt(2, 1, 120)],
        }.Save(State);
        Check(State, path =>
        {
            var state = RunInfo.Load(path);
            Assert.All(state.Attempts, attempt => Assert.True(attempt.FromStep >= 0));
            return state.Name;
        });
    }

    [Fact]
    public void Load_AnyDamagedProbeOrPredictions_IsRefusedOrComplete()
    {
        string probe = Path.Combine(folder, "probe.json"), predictions = Path.Combine(folder, "predictions.json");
        new SimilarityProbe(3, ["a", "b"], [[1], [2, 3]], [[0.5, 1], [double.NaN, 0]]).Save(probe);
        Check(probe, path => SimilarityProbe.Load(path).IsComplete ? "" : null);
        new PredictionSample(3, [new SourcePredictions("seen", 20, [new Prediction([1], "a", [new ClassGuess("a", 0.5)])], [])]).Save(
            predictions
        );
        Check(predictions, path => PredictionSample.Load(path).IsComplete ? "" : null);
    }

    [Fact]
    public void Load_StateOfTheCases_IsOneLine() =>
        Assert.Contains(
            "run.json is damaged (line ",
            Assert.Single(
                Assert
                    .Throws<BadInputException>(() =>
                        RunInfo.Load(Fixtures.File("cases", "runs", "run.json"))
                    )
                    .Errors
            ),
            StringComparison.Ordinal
        );

    private static void Check(string path, Func<string, string?> load)
    {
        DamagedText.Of(File.ReadAllText(path)).Sample(damaged =>
        {
            File.WriteAllBytes(path, damaged);
            try
            {
                Assert.NotNull(load(path));
            }
            catch (BadInputException refused)
            {
                Assert.StartsWith($"{path} is damaged (", Assert.Single(refused.Errors), StringComparison.Ordinal);
                Assert.InRange(refused.Message.Length, 1, 400);
                Assert.DoesNotContain(refused.Message, char.IsControl);
            }
        }, iter: 1000, threads: 1);
    }
}
