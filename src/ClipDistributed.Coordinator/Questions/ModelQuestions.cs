using System.Security.Cryptography;
using ClipDistributed.Contracts.Control.V1;
using ClipDistributed.Contracts.Errors;
using ClipDistributed.Contracts.Host.V1;
using ClipDistributed.Coordinator.Checkpoints;
using ClipDistributed.Coordinator.Hosts;
using ClipDistributed.Coordinator.Links;
using ClipDistributed.Coordinator.Runs;
using ClipDistributed.Coordinator.Settings;
using Grpc.Core;

namespace ClipDistributed.Coordinator.Questions;

/// <summary>
/// Questions to the models of runs. A host that has a free device answers one at a time; it takes none from what trains. Thread-safe.
/// </summary>
internal sealed class ModelQuestions
{
    private const long MaxNumber = (1L << 52) - 1; // JSON's numbers are exact up to there

    private readonly HostRegistry hosts;
    private readonly DevicePool pool;
    private readonly RunTable runs;
    private readonly RunCheckpoints checkpoints;
    private readonly CoordinatorLimits limits;
    private readonly TimeProvider time;
    private readonly Lock gate = new();
    private readonly Dictionary<string, OpenQuestion> open = new(StringComparer.Ordinal); // under the gate; by host
    private readonly Dictionary<string, string> loaded = new(StringComparer.Ordinal); // of each host the model that it was asked last

    public ModelQuestions(
        HostRegistry hosts, DevicePool pool, RunTable runs, RunCheckpoints checkpoints, CoordinatorOptions options, TimeProvider time)
    {
        (this.hosts, this.pool, this.runs, this.checkpoints) = (hosts, pool, runs, checkpoints);
        (limits, this.time) = (options.Limits, time);
        hosts.Changed += OnHosts;
        hosts.Answered += OnAnswer;
    }

    /// <exception cref="BadInputException">The question, or the checkpoint, cannot be used.</exception>
    /// <exception cref="RequestRefusedException">There is no such run or checkpoint, no host can answer, or one did not.</exception>
    public async Task<TryModelResponse> AskAsync(TryModelRequest request, CancellationToken cancel)
    {
        QuestionCheck.Run(request, limits);
        var run = runs.Find(request.RunId);
        var checkpoint = await checkpoints.FindOnDiskAsync(request.RunId, request.Attempt, request.Step, cancel);
        long began = time.GetTimestamp();
        var question = new AskModel
        {
            RunDirectory = run.Row.RunDirectory,
            Model = checkpoint.Path,
            Image = request.Image,
            Captions = { request.Captions },
            AreLabels = request.AreLabels,
            Seconds = (uint)Math.Ceiling(limits.QuestionTime.TotalSeconds),
        };
        var asked = Begin(question);
        var ends = EndAsync(asked); // even where the caller leaves: until then its host is busy
        var answer = await ends.WaitAsync(cancel);
        return new TryModelResponse
        {
            Attempt = checkpoint.Attempt,
            Step = checkpoint.Step,
            Host = asked.Host.Offer.Host,
            Seconds = time.GetElapsedTime(began).TotalSeconds,
            Rankings = { Checked(asked, answer).Rankings },
        };
    }

    /// <summary>Sends it to a host.</summary>
    private OpenQuestion Begin(AskModel question)
    {
        lock (gate)
        {
            var free = Free();
            if (free.Count == 0)
                throw RequestRefusedException.WrongState(WhyNone());
            var host = free.Where(host => !open.ContainsKey(host.Offer.Host))
                .MaxBy(host => loaded.GetValueOrDefault(host.Offer.Host) == question.Model);
            if (host is null)
                throw new RequestRefusedException(
                    StatusCode.ResourceExhausted,
                    $"{Counted.Are(free.Count, "host")} free to answer, and busy with another question; ask again in a moment");
            question.Question = BitConverter.ToInt64(RandomNumberGenerator.GetBytes(sizeof(long))) & MaxNumber;
            var asked = new OpenQuestion(question.Question, host);
            open[host.Offer.Host] = asked;
            loaded[host.Offer.Host] = question.Model;
            if (!host.Send(new ConnectResponse { AskModel = question }))
                asked.Complete(null);
            return asked;
        }
    }

    /// <returns>Null: the host was lost.</returns>
    private async Task<ModelAnswer?> EndAsync(OpenQuestion asked)
    {
        using var over = new CancellationTokenSource();
        try
        {
            if (await Task.WhenAny(asked.Answer, Task.Delay(limits.QuestionTime + limits.QuestionMargin, time, over.Token)) != asked.Answer)
                throw new RequestRefusedException(
                    StatusCode.DeadlineExceeded,
                    $"host {asked.Host.Offer.Host} has not answered for {limits.QuestionTime.TotalSeconds:0} s; ask again");
            return await asked.Answer;
        }
        finally
        {
            await over.CancelAsync();
            lock (gate)
            {
                if (open.GetValueOrDefault(asked.Host.Offer.Host) == asked)
                    open.Remove(asked.Host.Offer.Host);
            }
        }
    }

    private static ModelAnswer Checked(OpenQuestion asked, ModelAnswer? answer)
    {
        string host = asked.Host.Offer.Host;
        if (answer is null)
            throw new RequestRefusedException(StatusCode.Aborted, $"host {host} was lost while it answered; ask again");
        if (answer.Failure != "")
            throw new RequestRefusedException(StatusCode.Aborted, $"host {host} has no answer: {answer.Failure}");
        return answer.Errors.Count == 0 ? answer : throw new BadInputException(answer.Errors);
    }

    /// <summary>Connected, with a device that no run uses and that may be used.</summary>
    private List<ConnectedHost> Free()
    {
        var names = pool.Snapshot().Where(device => device is { RunId: null, Closed: null }).Select(device => device.Id.Host);
        return [.. names.Distinct(StringComparer.Ordinal).Select(hosts.Find).OfType<ConnectedHost>()];
    }

    private string WhyNone()
    {
        var devices = pool.Snapshot();
        if (devices.Count == 0)
            return "no worker host is connected that could answer; start one with clipd worker";
        int held = devices.Count(device => device.RunId is not null);
        return $"no worker host is free to answer: of {Counted.Of(devices.Count, "device")} {held:N0} train{pool.Closed}; ask again when "
            + "one is free, or add a host with clipd worker";
    }

    private void OnAnswer(ConnectedHost host, ModelAnswer answer)
    {
        OpenQuestion? asked;
        lock (gate)
            asked = open.GetValueOrDefault(host.Offer.Host);
        if (asked is not null && ReferenceEquals(asked.Host, host) && asked.Number == answer.Question)
            asked.Complete(answer);
    }

    private void OnHosts()
    {
        lock (gate)
        {
            foreach (var asked in open.Values.Where(asked => !ReferenceEquals(hosts.Find(asked.Host.Offer.Host), asked.Host)))
                asked.Complete(null);
            foreach (string gone in loaded.Keys.Where(name => hosts.Find(name) is null).ToList())
                loaded.Remove(gone);
        }
    }
}
