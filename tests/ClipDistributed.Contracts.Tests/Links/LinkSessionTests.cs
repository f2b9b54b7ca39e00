using ClipDistributed.Contracts.Links;
using ClipDistributed.Contracts.Replica.V1;
using Google.Protobuf;
using Google.Protobuf.WellKnownTypes;
using ClipDistributed.Contracts.Run.V1;

namespace ClipDistributed.Contracts.Tests.Links;

public class LinkSessionTests
{
    private readonly LinkSession session = new(protocol: 2, "demo-1", "demo-1-r1", ByteString.CopyFromUtf8("secret"));

    [Fact]
    public void Connect_FirstTime_SaysWhoItIs()
    {
        var hello = Assert.Single(session.Connect(appliedStep: -1, residentBytes: 5)).Hello;
        Assert.Equal(
            ("demo-1", "demo-1-r1", 2u, -1L, 5L, 0L, 1L, 0L),
            (
                hello.RunId,
                hello.ReplicaId,
                hello.ProtocolVersion,
                hello.AppliedStep,
                hello.ResidentBytes,
                hello.Term,
                hello.Connection,
                hello.Generation
            )
        );
        Assert.Equal("secret", hello.Secret.ToStringUtf8());
    }

    [Fact]
    public void Connect_Again_SaysWhatWasNotKept()
    {
        Join(generation: 4, term: 2);
        session.OnResponse(new ConnectResponse { Term = 2, Assignment = new Assignment { Generation = 4, FirstStep = 1, LastStep = 32 } });
        session.OnResponse(
            new ConnectResponse { Term = 2, Command = new Command { Generation = 4, Number = 1, Kind = CommandKind.Regroup } });
        for (int record = 0; record < 3; record++)
            session.OnSending(RecordOf(4));
        session.OnResponse(new ConnectResponse { Term = 2, RecordsPersisted = new RecordsPersisted { Generation = 4, Number = 2 } });
        session.OnSending(new ConnectRequest { Ended = new Ended { Generation = 4, AppliedStep = 9 } });

        var said = session.Connect(appliedStep: 9, residentBytes: 0);
        Assert.Equal(
            (2L, 1L, 4L, 32L),
            (said[0].Hello.Term, said[0].Hello.Connection, said[0].Hello.Generation, said[0].Hello.AssignedStep)
        );
        Assert.Equal([(1L, CommandKind.Regroup)], said[0].Hello.Commands.Select(command => (command.Number, command.Kind)));
        Assert.Equal(3, said[1].Record.Number);
        Assert.Equal(9, said[2].Ended.AppliedStep);
        Assert.Equal(3, said.Count);
    }

    [Fact]
    public void OnResponse_NewGeneration_ForgetsTheOldOne()
    {
        Join(generation: 4, term: 2);
        session.OnSending(RecordOf(4));
        session.OnSending(new ConnectRequest { Failure = new Failure { Generation = 4 } });
        Join(generation: 5, term: 2);
        session.OnSending(new ConnectRequest { Ended = new Ended { Generation = 4 } }); // it had not received it yet
        Assert.Equal(5, Assert.Single(session.Connect(0, 0)).Hello.Generation);
    }

    [Fact]
    public void OnResponse_LowerTerm_IsNotObeyed()
    {
        Join(generation: 4, term: 3);
        Assert.Equal(ResponseEffect.Superseded, session.OnResponse(new ConnectResponse { Term = 2, Leave = new Leave() }));
        Assert.Equal(ResponseEffect.Superseded, session.OnResponse(Start(generation: 5, term: 2)));
        Assert.Equal(ResponseEffect.Obey, session.OnResponse(new ConnectResponse { Term = 3, Leave = new Leave() }));
    }

    [Fact]
    public void OnResponse_OlderGenerationOrWhatWasHeard_IsNothing()
    {
        Join(generation: 4, term: 1);
        var stop = new ConnectResponse { Term = 1, Command = new Command { Generation = 4, Number = 1, Kind = CommandKind.Stop } };
        Assert.Equal(ResponseEffect.Obey, session.OnResponse(stop));
        Assert.Equal(ResponseEffect.None, session.OnResponse(stop));
        Assert.Equal(ResponseEffect.None, session.OnResponse(Start(generation: 4, term: 1)));
        Assert.Equal(
            ResponseEffect.None,
            session.OnResponse(new ConnectResponse { Term = 1, EndGeneration = new EndGeneration { Generation = 3 } }));
        Assert.Equal(
            ResponseEffect.None,
            session.OnResponse(new ConnectResponse { Term = 1, Assignment = new Assignment { Generation = 3 } }));
    }

    [Fact]
    public void OnResponse_AnotherSecret_IsShownFromNowOn()
    {
        Join(generation: 4, term: 2);
        var renew = new RenewSecret { Secret = ByteString.CopyFromUtf8("another") };
        Assert.Equal(ResponseEffect.Superseded, session.OnResponse(new ConnectResponse { Term = 1, RenewSecret = renew }));
        Assert.Equal("secret", session.Secret.ToStringUtf8());
        Assert.Equal(ResponseEffect.Obey, session.OnResponse(new ConnectResponse { Term = 2, RenewSecret = renew }));
        Assert.Equal(("another", "another"),
            (session.Secret.ToStringUtf8(), session.Connect(0, 0)[0].Hello.Secret.ToStringUtf8()));
    }

    [Fact]
    public void OnSending_MoreThanIsRemembered_ForgetsTheOldest()
    {
        Join(generation: 1, term: 1);
        for (int record = 0; record < LinkSession.MaxRecords + 5; record++)
            session.OnSending(RecordOf(1));
        var said = session.Connect(0, 0);
        Assert.Equal((LinkSession.MaxRecords + 1, 6L), (said.Count, said[1].Record.Number));
    }

    private void Join(long generation, long term) =>
        Assert.Equal(ResponseEffect.Obey, session.OnResponse(Start(generation, term)));

    private static ConnectResponse Start(long generation, long term) =>
        new() { Term = term, StartGeneration = new StartGeneration { Generation = generation } };

    private static ConnectRequest RecordOf(long generation) =>
        new()
        {
            Record = new NumberedRecord { Generation = generation, Record = new RunRecord() },
        };
}
