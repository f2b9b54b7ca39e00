using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Records;
using ClipDistributed.Contracts.Run.V1;
using ClipDistributed.Contracts.Runs;
using ClipDistributed.Reporting.Runs;
using Google.Protobuf.WellKnownTypes;

namespace ClipDistributed.Reporting.Tests.Runs;

public sealed class RunFilesTests : IDisposable
{
    private readonly RunDirectory run = new();

    public void Dispose() => run.Dispose();

    [Fact]
    public void Read_CompleteRun_HasEverything()
    {
        using var complete = RunDirectory.Complete();
        var files = RunFiles.Read(complete.Path);
        Assert.Equal(60, files.Steps.Count);
        Assert.Equal(["seen", "unseen"], files.Sources);
        Assert.Equal(512, files.Batch);
        Assert.Equal(Math.Log(512), files.ChanceLoss);
        Assert.Equal(4, files.Probe!.ImagesPng.Count);
        Assert.Equal(0.9, files.Probe.Similarity[2][2]);
        Assert.Equal(712345, files.State!.Parameters);
        Assert.Equal("name: demo\nseed: 1\n", files.Spec);
        Assert.Equal("0000000000000000000000000000003c", files.Steps[^1].PlanDigest);
        Assert.Empty(files.Notes);
    }

    [Fact]
    public void Read_LastLineCutOff_IsLeftOutAndSaid()
    {
        run.AddStep(1, 6).AddStep(2, 5.5).AddLine("""{"kind":"step","step":3,"sam""").SaveMetrics(end: "");
        var files = RunFiles.Read(run.Path);
        Assert.Equal(2, files.Steps.Count);
        Assert.Contains("1 line that cannot be read", Assert.Single(files.Notes));
    }

    [Theory]
    [InlineData("\"NaN\"")]
    [InlineData("\"Infinity\"")]
    public void Read_LossNotFinite_IsKeptAsSuch(string loss)
    {
        run.AddStep(1, 6).AddLine($$"""{"kind":"step","step":2,"samples":1024,"loss":{{loss}}}""").SaveMetrics();
        var files = RunFiles.Read(run.Path);
        Assert.Equal(2, files.Steps.Count);
        Assert.False(double.IsFinite(files.Steps[1].Loss));
        Assert.Empty(files.Notes);
    }

    [Fact]
    public void Read_StepDoneTwice_TakesTheLaterRecord()
    {
        run.AddStep(1, 6)
            .AddStep(2, 5)
            .AddStep(3, 4)
            .AddStep(2, 5.25)
            .AddEvaluation(2, "seen", 0.1)
            .AddEvaluation(2, "seen", 0.2)
            .SaveMetrics();
        var files = RunFiles.Read(run.Path);
        Assert.Equal([6, 5.25, 4], files.Steps.Select(step => step.Loss));
        Assert.Equal(0.2, Assert.Single(files.Evaluations).Top1);
    }

    [Theory]
    [InlineData("""{"step":1,"captions":["a"],"images_png":["aGk="],"similarity":[[1,2]]}""", "do not fit together")]
    [InlineData("""{"step":1,"captions":["a"],"imag""", "is damaged (line 1 ")]
    public void Read_ProbeDamaged_IsLeftOutAndSaid(string probe, string said)
    {
        run.AddStep(1, 6).SaveMetrics().Save("probe.json", probe);
        var files = RunFiles.Read(run.Path);
        Assert.Null(files.Probe);
        Assert.Contains(said, Assert.Single(files.Notes));
    }

    [Fact]
    public void Read_EventsOfReplicaAndCoordinator_AreInOrderOfTime()
    {
        var three = new DateTimeOffset(2026, 11, 30, 3, 0, 0, TimeSpan.Zero);
        var stop = new RunRecord { Request = new RequestReceived { Step = 1, Request = "stop", By = "ann@there" } };
        run.AddStep(1, 6)
            .SaveMetrics()
            .Save(
                "events.jsonl",
                $"{NoticeRecord.Of(0, "old").ToJson()}\n{NoticeRecord.Of(1, "last").Stamped(three.AddMinutes(9), "b").ToJson()}\n"
            )
            .Save(
                "coordinator.jsonl",
                string.Join(
                    '\n',
                    stop.Stamped(three, "a").ToJson(),
                    Incident(null, 0).Stamped(three.AddMinutes(1), "a").ToJson(),
                    "torn",
                    Incident(7.5, 40).Stamped(three.AddMinutes(2), "a").ToJson()
                )
            );
        var files = RunFiles.Read(run.Path);
        Assert.Equal([null, three, three.AddMinutes(9)], files.Notices.Select(line => line.Time?.ToDateTimeOffset()));
        Assert.Equal(7.5, Assert.Single(files.Incidents).SecondsLost);
        Assert.Equal(0.8, files.Goodput);
        string page = File.ReadAllText(RunReport.Write(run.Path));
        Assert.Contains("2026-11-30 03:00:00Z a: stop requested by ann@there", page, StringComparison.Ordinal);
        Assert.Contains("2026-11-30 03:01:00Z", page, StringComparison.Ordinal); // when the incident was found
        Assert.Contains("generation 2 with 1 replica after step 1", page, StringComparison.Ordinal);
        Assert.Contains("Goodput", page, StringComparison.Ordinal);

        RunRecord Incident(double? lost, double useful)
        {
            var incident = new IncidentRecorded
            {
                Number = 1,
                What = "host lost",
                Opened = three.AddMinutes(1).ToTimestamp(),
                Evidence = "host b is gone",
                Action = "generation 2 with 1 replica after step 1",
                Hosts = { "b" },
                StepsRecomputed = 1,
                UsefulSeconds = useful,
                WallSeconds = 50,
            };
            if (lost is { } seconds)
                (incident.Closed, incident.SecondsLost) = (three.AddMinutes(2).ToTimestamp(), seconds);
            return new RunRecord { Incident = incident };
        }
    }

    [Fact]
    public void Read_NoRunJson_TakesTheNameOfTheDirectory()
    {
        run.AddStep(1, 6).SaveMetrics();
        Assert.Equal(Path.GetFileName(run.Path), RunFiles.Read(run.Path + "/").Name);
    }

    [Fact]
    public void Read_NoMetrics_SaysWhatIsMissing() =>
        Assert.Contains("metrics.jsonl", Assert.Throws<BadInputException>(() => RunFiles.Read(run.Path)).Message);
}
