using System.CommandLine;
using System.Globalization;
using ClipDistributed.Cli.Coordinators;
using ClipDistributed.Cli.Tables;
using ClipDistributed.Contracts.Control.V1;

namespace ClipDistributed.Cli.Commands;

/// <summary><c>clipd run metrics</c></summary>
internal static class RunMetricsCommand
{
    private const string Table = "table", Json = "json", Csv = "csv";
    private const int CurveWidth = 40;

    public static Command Create()
    {
        var id = CommonOptions.RunId();
        var names = new Option<string[]>("--name")
        {
            Description = "A metric of steps, such as loss, lr, grad_norm, seconds or split.forward; may be repeated. [default: all]",
            HelpName = "metric",
        };
        var first = new Option<long>("--from") { Description = "The first step. [default: the run's first]", HelpName = "step" };
        var last = new Option<long>("--to") { Description = "The last step. [default: the newest]", HelpName = "step" };
        var points = new Option<int>("--points")
        {
            Description = "Points of a metric at most, 1 to 2000; each has the smallest, mean, largest and last value of its steps. "
                + "[default: 500]",
            HelpName = "count",
        };
        var output = new Option<string>("--output", "-o")
        {
            Description = "table: a line for each metric, with its curve; json: one document; csv: a line for each point.",
            DefaultValueFactory = _ => Table,
            HelpName = $"{Table}|{Json}|{Csv}",
        }.AsOneOf(Table, Json, Csv);
        var coordinator = CommonOptions.Coordinator();
        var command = new Command("metrics", "Shows loss, speed and other metrics of a run's steps.")
        {
            id, names, first, last, points, output, coordinator,
        };
        command.SetAction(async (result, cancel) =>
        {
            using var client = coordinator.Connect(result);
            var request = new QueryMetricsRequest
            {
                RunId = result.GetRequiredValue(id),
                Names = { result.GetValue(names) ?? [] },
                FirstStep = result.GetValue(first),
                LastStep = result.GetValue(last),
                Points = result.GetValue(points),
            };
            var answer = await client.AskHistoryAsync(history => history.QueryMetricsAsync(request, cancellationToken: cancel), cancel);
            switch (result.GetValue(output))
            {
                case Json:
                    JsonOutput.Write(JsonOutput.Of(answer));
                    break;
                case Csv:
                    WriteLines(answer);
                    break;
                default:
                    WriteTable(answer);
                    break;
            }
        });
        return command;
    }

    private static void WriteTable(QueryMetricsResponse answer)
    {
        if (answer.Series.Count == 0)
        {
            Console.WriteLine("no step of it is recorded yet");
            return;
        }
        var table = new TextTable(
            "metric",
            new Column("attempt", IsRight: true, Drop: 2),
            "steps",
            ">first",
            ">last",
            ">min",
            ">max",
            new Column("curve", Drop: 1));
        foreach (var series in answer.Series)
        {
            var (begin, end) = (series.Points[0], series.Points[^1]);
            table.Add(
                series.Name,
                $"{series.Attempt}",
                $"{begin.FirstStep}-{end.LastStep}",
                Value(begin.HasMean ? begin.Mean : begin.Last),
                Value(end.Last),
                Value(series.Points.Where(point => point.HasMin).Select(point => point.Min).DefaultIfEmpty(double.NaN).Min()),
                Value(series.Points.Where(point => point.HasMax).Select(point => point.Max).DefaultIfEmpty(double.NaN).Max()),
                Sparkline.Of([.. series.Points.Select(point => point.HasMean ? point.Mean : double.NaN)], CurveWidth));
        }
        table.Write();
    }

    private static void WriteLines(QueryMetricsResponse answer)
    {
        Console.WriteLine("name,attempt,first_step,last_step,count,non_finite,min,mean,max,last");
        foreach (var series in answer.Series)
        {
            foreach (var point in series.Points)
                Console.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{series.Name},{series.Attempt},{point.FirstStep},{point.LastStep},{point.Count},{point.NonFinite},"
                        + $"{Cell(point.HasMin, point.Min)},{Cell(point.HasMean, point.Mean)},{Cell(point.HasMax, point.Max)},"
                        + $"{point.Last}"));
        }
    }

    private static string Cell(bool has, double value) => has ? value.ToString(CultureInfo.InvariantCulture) : "";

    private static string Value(double value) => value.ToString("0.####", CultureInfo.InvariantCulture) is var plain && value != 0
        && Math.Abs(value) is < 0.001 or >= 1e9 ? value.ToString("0.###e+0", CultureInfo.InvariantCulture) : plain;
}
